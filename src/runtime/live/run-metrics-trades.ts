import type { Decision, Micros, OpportunityRow, Order } from "../../contracts/index.ts";
import type { LabelledCount, TradeReading } from "../../observe/metrics-reading.ts";
import type { SessionTap } from "../session.ts";

/** Label sets of one count; lanes, venues and reason codes are few. */
const MAX_SETS = 2_000;
/** Plans whose orders are remembered until they end. */
const MAX_PLANS = 1_000;

interface Sent {
  readonly order: string;
  readonly venue: string;
  readonly at: Micros;
}

/** Counts opportunities and orders as they are decided. A handful of steps per opportunity, nothing per message. */
export class TradeCounts implements SessionTap {
  readonly #filled: (venue: string, afterMs: number) => void;
  readonly #detected = new LabelledCounts();
  readonly #closed = new LabelledCounts();
  readonly #refused = new LabelledCounts();
  readonly #orders = new LabelledCounts();
  readonly #unfilled = new LabelledCounts();
  readonly #cancels = new LabelledCounts();
  /** Orders of plans that have not ended. */
  readonly #open = new Map<string, Sent[]>();

  /** @param filled called for every order that got a fill, once its plan has ended. */
  constructor(filled: (venue: string, afterMs: number) => void) {
    this.#filled = filled;
  }

  quote(): void {}

  decision(decision: Decision, at: Micros): void {
    switch (decision.kind) {
      case "opportunity.detected":
        this.#detected.add(decision.lane);
        return;
      case "command.issued": {
        const { command } = decision;
        if (command.kind === "venue.submit") this.#sent(command.order, command.venue, at);
        else if (command.kind === "venue.cancel") this.#cancels.add(command.venue);
        return;
      }
      case "opportunity.closed":
        this.#ended(decision.row);
        return;
      case "opportunity.refused":
      case "plan.approved":
        // Each leaves a row.
        return;
    }
  }

  reading(): TradeReading {
    return {
      detected: this.#detected.list(),
      closed: this.#closed.list(),
      refused: this.#refused.list(),
      orders: this.#orders.list(),
      unfilled: this.#unfilled.list(),
      cancels: this.#cancels.list(),
    };
  }

  #sent({ id, opportunity, purpose }: Order, venue: string, at: Micros): void {
    this.#orders.add(venue, purpose);
    const sent = this.#open.get(opportunity) ?? [];
    sent.push({ order: id, venue, at });
    this.#open.set(opportunity, sent);
    if (this.#open.size > MAX_PLANS) this.#open.delete(this.#open.keys().next().value!);
  }

  #ended({ id, lane, outcome, refusal, refusalStage, fills }: OpportunityRow): void {
    this.#closed.add(lane, outcome);
    if (refusal !== null) this.#refused.add(lane, refusalStage ?? "", refusal);
    for (const { order, venue, at } of this.#open.get(id) ?? []) {
      const own = fills.filter(({ orderId }) => orderId === order);
      if (own.length === 0) this.#unfilled.add(venue);
      else this.#filled(venue, (Math.min(...own.map((fill) => fill.at)) - at) / 1000);
    }
    this.#open.delete(id);
  }
}

/** Counts by label values, with a bound on how many sets there are. */
class LabelledCounts {
  readonly #counts = new Map<string, { readonly labels: readonly string[]; count: number }>();

  add(...labels: readonly string[]): void {
    const key = labels.join("\n");
    const known = this.#counts.get(key);
    if (known !== undefined) known.count++;
    else if (this.#counts.size < MAX_SETS) this.#counts.set(key, { labels, count: 1 });
  }

  list(): readonly LabelledCount[] {
    return [...this.#counts.values()].map(({ labels, count }) => ({ labels, count }));
  }
}
