import {
  type Approved,
  type Fill,
  formatDecimal,
  type Instrument,
  type Leg,
  type Micros,
  type Order,
  type OrderId,
  type OrderUpdate,
  PICO_DIGITS,
  type Pico,
  type Plan,
  REASONS,
  type Reason,
} from "../../contracts/index.ts";
import { claimOf, contractsOf } from "../ledger/claim.ts";
import { picoOf } from "../sizing/capital.ts";
import { applyBasketTransforms, applyMerges, applySplits, setTargets } from "./basket.ts";
import type { ExecutionOptions } from "./options.ts";
import { PlanHoldings } from "./plan-holdings.ts";
import { PlanMoney } from "./plan-money.ts";
import { matchedRatio, type Ratio, scaleDown, scaleUp } from "./ratio.ts";
import type { Run } from "./run.ts";
import { worstInStates } from "./state-worst.ts";
import type { ClosedPlan, ExecutionStep } from "./step.ts";
import { type ExecutionView, surplusLots, unwindLeg } from "./unwind.ts";

interface LegRun {
  readonly leg: Leg;
  readonly instrument: Instrument;
  filled: number;
  reason: Reason | null;
}

interface OrderRun {
  readonly leg: LegRun;
  readonly purpose: Order["purpose"];
  open: boolean;
}

/** Whether the venue of a market turns YES + NO into money. */
export type Mergeable = (market: string) => boolean;

/**
 * One plan from its orders to its end: entry orders for all legs at once; what did not fill by the deadline is
 * cancelled; the complete baskets are kept (merged or converted where that pays out at once); what is beyond them is
 * sold at the bid or, when that fails, held to settlement. A plan with an order of unknown state waits: nothing is
 * unwound against a leg that may have filled.
 */
export class PlanRun implements Run {
  readonly plan: Approved<Plan>;
  readonly #options: ExecutionOptions;
  readonly #mergeable: Mergeable;
  readonly #legs: LegRun[];
  readonly #orders = new Map<OrderId, OrderRun>();
  readonly #execIds = new Set<string>();
  readonly #fills: Fill[] = [];
  readonly #holdings = new PlanHoldings();
  readonly #money = new PlanMoney();
  #stage: "entry" | "unwind" | "done" = "entry";
  #cancelling = false;
  #liquidating = false;
  #attempt = 0;
  #expected = 0n;
  #deadline: number | null = null;

  /** @throws RangeError when a leg's book is unknown: the risk gate lets no such plan through. */
  constructor(plan: Approved<Plan>, view: ExecutionView, options: ExecutionOptions, mergeable: Mergeable) {
    this.plan = plan;
    this.#options = options;
    this.#mergeable = mergeable;
    this.#legs = plan.legs.map((leg, index) => {
      const instrument = view.instrument(leg.book);
      if (instrument === undefined) throw new RangeError(`leg ${index} is on an unknown book ${leg.book}`);
      this.#holdings.claim(instrument.market, claimOf(leg.action), { instrument, leg: index });
      return { leg, instrument, filled: 0, reason: null };
    });
  }

  get id(): string {
    return this.plan.opportunity.id;
  }

  get done(): boolean {
    return this.#stage === "done";
  }

  /** Instant at which `tick` wants to be called; null = only an answer can move it. */
  get deadline(): number | null {
    return this.#deadline;
  }

  start(at: Micros, step: ExecutionStep): void {
    applySplits(this.plan, this.#instruments(), this.#holdings, (transform) => {
      this.#money.transform(transform);
      step.entries.push({ kind: "transform", plan: this.id, transform });
    });
    this.#legs.forEach(({ leg }, index) => {
      this.#submit(leg, index, "entry", step);
    });
    this.#deadline = at + this.#options.legDeadlineMicros;
  }

  /** One answer. Fills are taken once per execution id, also after the end; a repeated state changes nothing. */
  update(update: OrderUpdate, view: ExecutionView, at: Micros, step: ExecutionStep): void {
    const order = this.#orders.get(update.orderId);
    if (order === undefined) return;
    for (const fill of update.fills) this.#fill(fill, order, at, step);
    const ended = update.state === "filled" || update.state === "cancelled" || update.state === "rejected";
    if (ended && order.open) {
      order.open = false;
      if (order.purpose === "entry") order.leg.reason = reasonFrom(update.reason);
    }
    this.#advance(view, at, step);
  }

  tick(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    if (this.#deadline === null || at < this.#deadline || this.done) return;
    if (!this.#anyOpen()) {
      this.#deadline = null;
      this.#unwind(view, at, step);
    } else if (this.#cancelling) {
      this.#deadline = null;
      for (const [orderId, { open }] of this.#orders) {
        if (open) step.alarms.push({ orderId, reason: "order.timeout" });
      }
    } else this.#cancelOpen(at, step);
  }

  /** Everything is to be sold: entry orders are cancelled, no claim is kept as part of a basket. */
  liquidate(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    if (this.done || this.#liquidating) return;
    this.#liquidating = true;
    this.#attempt = 0;
    if (this.#anyOpen()) {
      if (!this.#cancelling) this.#cancelOpen(at, step);
    } else this.#unwind(view, at, step);
  }

  /** The plan as it stands; `open` when it has not ended. */
  report(): ClosedPlan {
    const contracts = (pick: (leg: LegRun) => number) =>
      formatDecimal(
        this.#legs.reduce((sum, run) => {
          return sum + contractsOf(pick(run) as Leg["lots"], run.instrument.sizeScale);
        }, 0n),
        PICO_DIGITS,
      );
    const short = this.#legs.find(({ leg, filled }) => filled < leg.lots);
    const holdings = this.#holdings.byMarket("held").filter(({ yes, no }) => yes !== 0n || no !== 0n);
    const worst = worstInStates(this.plan.certificate, holdings);
    const someFilled = this.#legs.some(({ filled }) => filled > 0);
    return {
      plan: this.plan,
      outcome: !this.done ? "open" : short === undefined ? "filled" : someFilled ? "partial" : "missed",
      reason: short === undefined ? null : (short.reason ?? "order.timeout"),
      expectedRealised: this.#expected as Pico,
      simulatedRealised: (this.#money.flow + worst) as Pico,
      fees: this.#money.fees,
      lotsPlanned: contracts(({ leg }) => leg.lots),
      lotsFilled: contracts(({ filled }) => filled),
      fills: [...this.#fills],
      holdings,
      atRisk: holdings.length === 0 ? new Map() : this.#money.spent(),
    };
  }

  #instruments(): Instrument[] {
    return this.#legs.map(({ instrument }) => instrument);
  }

  #anyOpen(): boolean {
    for (const { open } of this.#orders.values()) if (open) return true;
    return false;
  }

  #submit(leg: Leg, index: number, purpose: Order["purpose"], step: ExecutionStep): void {
    const attempt = purpose === "entry" ? 0 : this.#attempt;
    const id = `${this.id}.${index}.${attempt}${this.#liquidating ? "L" : ""}`;
    const order: Order = { id, opportunity: this.id, leg: index, attempt, ...leg, role: "taker", purpose };
    const run = this.#legs[index]!;
    this.#orders.set(id, { leg: run, purpose, open: true });
    step.commands.push({ kind: "venue.submit", venue: run.instrument.venue, order });
  }

  #fill(fill: Fill, order: OrderRun, at: Micros, step: ExecutionStep): void {
    if (this.#execIds.has(fill.execId)) return;
    this.#execIds.add(fill.execId);
    this.#fills.push(fill);
    const { instrument } = order.leg;
    const withheld = this.#money.fill(fill, instrument, this.#holdings, at);
    step.entries.push({ kind: "fill", plan: this.id, fill, instrument, withheld });
    if (order.purpose === "entry") order.leg.filled += fill.lots;
  }

  #cancelOpen(at: Micros, step: ExecutionStep): void {
    this.#cancelling = true;
    this.#deadline = at + this.#options.cancelGraceMicros;
    for (const [orderId, { open, leg }] of this.#orders) {
      if (open) step.commands.push({ kind: "venue.cancel", venue: leg.instrument.venue, orderId });
    }
  }

  /** Goes on once no order is under way; between two attempts to unwind lies a pause. */
  #advance(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    if (this.done || this.#anyOpen()) return;
    this.#cancelling = false;
    this.#deadline = null;
    if (this.#stage === "entry") {
      this.#settleBasket(step);
      this.#unwind(view, at, step);
    } else if (this.#finished()) this.#close(step);
    else this.#deadline = at + this.#options.unwindRetryMicros;
  }

  /** All entry orders ended: which baskets are complete, and what they turn into. */
  #settleBasket(step: ExecutionStep): void {
    this.#stage = "unwind";
    const ratio = matchedRatio(this.#legs.map(({ leg, filled }) => ({ planned: leg.lots, filled })));
    setTargets(this.plan, this.#instruments(), this.#holdings, ratio);
    const act = (transform: Parameters<PlanMoney["transform"]>[0]) => {
      this.#money.transform(transform);
      step.entries.push({ kind: "transform", plan: this.id, transform });
    };
    applyBasketTransforms(this.plan, this.#instruments(), this.#holdings, ratio, act);
    this.#expected = this.#expectedAt(
      ratio,
      worstInStates(this.plan.certificate, this.#holdings.byMarket("target")),
    );
    if (this.#options.mergeCompleteSets) {
      applyMerges(this.#instruments(), this.#holdings, this.#mergeable, act);
    }
  }

  /** Worst-state profit of the complete baskets at the plan's own money, rounded against us. */
  #expectedAt(ratio: Ratio, worst: bigint): bigint {
    const { guaranteed, capital, certificate } = this.plan;
    if (ratio.num === 0n) return 0n;
    if (ratio.num === ratio.den) return guaranteed;
    const immediate = picoOf(certificate.immediateCash) ?? 0n;
    return worst + scaleDown(immediate, ratio) - scaleUp(capital, ratio);
  }

  /** Nothing is left that could be sold, or the attempts ran out. */
  #finished(): boolean {
    const left = this.#holdings.all().some((entry) => surplusLots(entry) > 0);
    return !left || this.#attempt >= this.#options.maxUnwindAttempts;
  }

  #close(step: ExecutionStep): void {
    this.#stage = "done";
    this.#deadline = null;
    step.closed.push(this.report());
  }

  /** Sells what is beyond the baskets at the current bids; ends the plan when there is nothing to sell any more. */
  #unwind(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    const entries = this.#holdings.all();
    if (this.#liquidating) for (const entry of entries) entry.target = 0n;
    if (this.#finished()) {
      this.#close(step);
      return;
    }
    this.#attempt++;
    const before = step.commands.length;
    for (const entry of entries) {
      const leg = unwindLeg(entry, view, this.#options, this.#liquidating);
      if (leg !== null) this.#submit(leg, entry.book!.leg, "unwind", step);
    }
    const sent = step.commands.length > before;
    const { unwindDeadlineMicros, unwindRetryMicros } = this.#options;
    this.#deadline = at + (sent ? unwindDeadlineMicros : unwindRetryMicros);
  }
}

function reasonFrom(text: string | null): Reason | null {
  if (text === null) return null;
  return text in REASONS ? (text as Reason) : "order.venue_reject";
}
