import type { Instrument, Micros, Order, OrderId, OrderUpdate } from "../../contracts/index.ts";
import { type Claim, type Contracts, contractsOf } from "../ledger/claim.ts";
import type { ExecutionOptions } from "./options.ts";
import type { HeldClaim } from "./plan-holdings.ts";
import type { Run } from "./run.ts";
import type { ExecutionStep } from "./step.ts";
import { type ExecutionView, surplusLots, unwindLeg } from "./unwind.ts";

/** A claim held from plans that ended, and the book to sell it on. */
export interface HeldPosition {
  readonly instrument: Instrument;
  readonly claim: Claim;
  readonly contracts: Contracts;
}

/**
 * Sells positions at the current bids whatever they cost, in a bounded number of attempts; what finds no bid stays.
 * Like a plan it never sends a second order for a claim while the first is unanswered.
 */
export class SellOff implements Run {
  readonly id: string;
  readonly #options: ExecutionOptions;
  readonly #claims: HeldClaim[];
  readonly #orders = new Map<
    OrderId,
    { readonly claim: HeldClaim; readonly instrument: Instrument; open: boolean }
  >();
  readonly #execIds = new Set<string>();
  #attempt = 0;
  #deadline: number | null = null;
  #done = false;

  constructor(id: string, positions: readonly HeldPosition[], options: ExecutionOptions) {
    this.id = id;
    this.#options = options;
    this.#claims = positions.map(({ instrument, claim, contracts }, leg) => ({
      market: instrument.market,
      claim,
      book: { instrument, leg },
      held: contracts,
      target: 0n,
      bought: 0n,
      paid: 0n,
    }));
  }

  get done(): boolean {
    return this.#done;
  }

  get deadline(): number | null {
    return this.#deadline;
  }

  report(): null {
    return null;
  }

  liquidate(): void {}

  update(update: OrderUpdate, _view: ExecutionView, at: Micros, step: ExecutionStep): void {
    const order = this.#orders.get(update.orderId);
    if (order === undefined) return;
    for (const fill of update.fills) {
      if (this.#execIds.has(fill.execId)) continue;
      this.#execIds.add(fill.execId);
      order.claim.held -= contractsOf(fill.lots, order.instrument.sizeScale);
      step.entries.push({ kind: "fill", plan: this.id, fill, instrument: order.instrument, withheld: 0n });
    }
    if (update.state !== "filled" && update.state !== "cancelled" && update.state !== "rejected") return;
    order.open = false;
    if (!this.#anyOpen() && !this.#done) this.#deadline = at + this.#options.unwindRetryMicros;
  }

  tick(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    if (this.#done || this.#deadline === null || at < this.#deadline) return;
    if (this.#anyOpen()) {
      this.#deadline = null;
      for (const [orderId, { open, instrument }] of this.#orders) {
        if (!open) continue;
        step.commands.push({ kind: "venue.cancel", venue: instrument.venue, orderId });
        step.alarms.push({ orderId, reason: "order.timeout" });
      }
      return;
    }
    this.sell(view, at, step);
  }

  /** One round of sells; ends when nothing is left to sell or the attempts ran out. */
  sell(view: ExecutionView, at: Micros, step: ExecutionStep): void {
    const left = this.#claims.some((claim) => surplusLots(claim) > 0);
    if (!left || this.#attempt >= this.#options.maxUnwindAttempts) {
      this.#done = true;
      this.#deadline = null;
      return;
    }
    this.#attempt++;
    for (const claim of this.#claims) this.#order(claim, view, step);
    const { unwindDeadlineMicros, unwindRetryMicros } = this.#options;
    this.#deadline = at + (this.#anyOpen() ? unwindDeadlineMicros : unwindRetryMicros);
  }

  #order(claim: HeldClaim, view: ExecutionView, step: ExecutionStep): void {
    const leg = unwindLeg(claim, view, this.#options, true);
    if (leg === null || claim.book === null) return;
    const { instrument, leg: index } = claim.book;
    const attempt = this.#attempt;
    const id = `${this.id}.${index}.${attempt}`;
    const order: Order = {
      id,
      opportunity: this.id,
      leg: index,
      attempt,
      ...leg,
      role: "taker",
      purpose: "unwind",
    };
    this.#orders.set(id, { claim, instrument, open: true });
    step.commands.push({ kind: "venue.submit", venue: instrument.venue, order });
  }

  #anyOpen(): boolean {
    for (const { open } of this.#orders.values()) if (open) return true;
    return false;
  }
}
