import type { Pico } from "../../contracts/index.ts";
import type { Accounts } from "./accounts.ts";
import { lesser, type MarketTerms } from "./claim.ts";
import { account } from "./postings.ts";

/** Money of one currency at one venue. Nothing is spent across venues. */
export interface VenueMoney {
  readonly venue: string;
  readonly currency: string;
  readonly amount: Pico;
}

interface Line {
  readonly venue: string;
  readonly currency: string;
  left: bigint;
}

/** Cash set aside per plan. What is reserved is not free, so two plans can never count on the same money. */
export class Reservations {
  readonly #accounts: Accounts;
  readonly #plans = new Map<string, Line[]>();

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** All lines or none. False when a line exceeds the free cash, is negative, or the plan already holds one. */
  reserve(plan: string, lines: readonly VenueMoney[]): boolean {
    if (this.#plans.has(plan)) return false;
    const needed = new Map<string, bigint>();
    for (const { venue, currency, amount } of lines) {
      if (amount < 0n) return false;
      const from = account.cash(venue, currency);
      const sum = (needed.get(from) ?? 0n) + amount;
      if (sum > this.#accounts.balance(from)) return false;
      needed.set(from, sum);
    }
    const held = lines.map(({ venue, currency, amount }) => ({ venue, currency, left: amount as bigint }));
    for (const line of held) this.#move(line, line.left);
    this.#plans.set(plan, held);
    return true;
  }

  /** Returns what is left of a plan's reservation to free cash. Nothing happens for an unknown plan. */
  release(plan: string): void {
    for (const line of this.#plans.get(plan) ?? []) this.#move(line, -line.left);
    this.#plans.delete(plan);
  }

  /** Frees up to `needed` of a plan's reservation at a venue, right before it is spent there. */
  draw(plan: string, { venue, currency }: MarketTerms, needed: bigint): void {
    let missing = needed;
    for (const line of this.#plans.get(plan) ?? []) {
      if (missing <= 0n) return;
      if (line.venue !== venue || line.currency !== currency) continue;
      const taken = lesser(line.left, missing);
      this.#move(line, -taken);
      line.left -= taken;
      missing -= taken;
    }
  }

  #move({ venue, currency }: Line, amount: bigint): void {
    this.#accounts.post([
      { account: account.cash(venue, currency), unit: currency, amount: -amount },
      { account: account.reserved(venue, currency), unit: currency, amount },
    ]);
  }
}
