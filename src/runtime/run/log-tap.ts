import type { Decision, Kind, Micros, Side } from "../../contracts/index.ts";
import { reasonOf } from "../../contracts/index.ts";
import type { Log } from "../../observe/log.ts";
import type { SessionTap } from "../session.ts";

/**
 * Writes what was decided as structured log lines. Every line about an opportunity carries its id, every order its own,
 * every refusal its reason code; `factSeq` leads to the fact in the journal.
 */
export class LogTap implements SessionTap {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  quote(kind: Kind, side: Side, book: number, reasonNumber: number, at: Micros): void {
    const reason = reasonOf(reasonNumber) ?? String(reasonNumber);
    this.#log.debug("quote", { kind, side, book, reason, at });
  }

  decision(decision: Decision, at: Micros, factSeq: number): void {
    const common = { at, factSeq };
    switch (decision.kind) {
      case "opportunity.detected": {
        const { id: opportunity, lane, family, style, guaranteed, capital } = decision;
        this.#log.info("detected", { ...common, opportunity, lane, family, style, guaranteed, capital });
        return;
      }
      case "opportunity.refused": {
        const { id: opportunity, stage, reason, detail } = decision;
        this.#log.info("refused", { ...common, opportunity, stage, reason, detail });
        return;
      }
      case "plan.approved": {
        const { id: opportunity, capital, guaranteed, boundBy, certificateHash } = decision;
        this.#log.info("approved", { ...common, opportunity, capital, guaranteed, boundBy, certificateHash });
        return;
      }
      case "command.issued":
        this.#command(decision.command, common);
        return;
      case "opportunity.closed": {
        const { id: opportunity, outcome, simulatedRealised, fees } = decision.row;
        this.#log.info("closed", { ...common, opportunity, outcome, simulatedRealised, fees });
      }
    }
  }

  #command(
    command: Extract<Decision, { kind: "command.issued" }>["command"],
    common: { readonly at: Micros; readonly factSeq: number },
  ): void {
    if (command.kind === "wake") return;
    const { venue } = command;
    if (command.kind === "venue.cancel") {
      this.#log.info("cancel", { ...common, venue, order: command.orderId });
      return;
    }
    const { id: order, opportunity, leg, action, lots, limitTicks, purpose } = command.order;
    this.#log.info("order", { ...common, venue, order, opportunity, leg, action, lots, limitTicks, purpose });
  }
}
