import type { Certificate } from "./certificate.ts";
import type { BookId, Lots, Micros, Pico, Ticks } from "./units.ts";

/**
 * The pipeline is a chain of types: Finding -> Opportunity -> Plan -> Approved<Plan> -> Order -> Fill.
 */

/** What a leg does. Buying NO on a unified book takes the YES bids at 1-p. */
export type LegAction = "buy_yes" | "buy_no" | "sell_yes" | "sell_no";

/** One leg at the found optimum. `limitTicks` is the worst level taken, on the claim's own price scale. */
export interface Leg {
  readonly book: BookId;
  readonly action: LegAction;
  readonly lots: Lots;
  readonly limitTicks: Ticks;
}

/** A lane's answer: a proved portfolio. Money is in `Pico` written as decimal text inside the certificate. */
export interface Finding {
  readonly lane: string;
  /** Canonical family key: the same opportunity seen by two lanes has the same key. */
  readonly family: string;
  readonly style: string;
  readonly legs: readonly Leg[];
  readonly certificate: Certificate;
  /** Worst-state net profit in Pico as decimal text (JSON has no bigint). */
  readonly guaranteed: string;
  readonly capital: string;
  /** 0..1; may scale size, never creates an edge. */
  readonly confidence: number;
}

/** A finding with identity: id = hash(kind + legs + style + time bucket). */
export interface Opportunity {
  readonly id: string;
  readonly foundAt: Micros;
  readonly factSeq: number;
  readonly finding: Finding;
}

/** Sized, with its certificate rebuilt at the final size. */
export interface Plan {
  readonly opportunity: Opportunity;
  readonly legs: readonly Leg[];
  readonly certificate: Certificate;
  readonly capital: Pico;
  readonly guaranteed: Pico;
  /** Which cap bound the size, e.g. "kelly", "cap.family", "median.size". */
  readonly boundBy: string;
}

declare const approved: unique symbol;
/** Only the risk gate makes one; execution accepts nothing else. */
export type Approved<T> = T & { readonly [approved]: true };

/** Deterministic: opportunity id + leg index + attempt. The same attempt is idempotent; a retry is a new attempt. */
export type OrderId = string;

export interface Order {
  readonly id: OrderId;
  readonly opportunity: string;
  readonly leg: number;
  readonly attempt: number;
  readonly book: BookId;
  readonly action: LegAction;
  readonly lots: Lots;
  readonly limitTicks: Ticks;
  readonly role: "taker";
  readonly purpose: "entry" | "unwind";
}

export interface Fill {
  readonly orderId: OrderId;
  readonly execId: string;
  readonly book: BookId;
  readonly action: LegAction;
  readonly lots: Lots;
  readonly priceTicks: Ticks;
  /** Decimal text in Pico quanta. */
  readonly fee: string;
  readonly at: Micros;
}

export type OrderState = "sent" | "acked" | "partial" | "filled" | "cancelled" | "rejected" | "unknown";

/** One move of one order. */
export interface OrderUpdate {
  readonly orderId: OrderId;
  readonly state: OrderState;
  readonly fills: readonly Fill[];
  /** Reason code when it did not go through. */
  readonly reason: string | null;
  readonly at: Micros;
}
