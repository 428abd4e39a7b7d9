import type { Command, Fill, Instrument, OrderId, Pico, Plan, Reason } from "../../contracts/index.ts";
import type { Contracts } from "../ledger/claim.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ClaimTransform } from "../ledger/transforms.ts";
import type { Holding } from "../ledger/worst-value.ts";

/** One act to be booked. Acts of a step are in the order in which they happened. */
export type LedgerEntry =
  | {
      readonly kind: "fill";
      readonly plan: string;
      readonly fill: Fill;
      readonly instrument: Instrument;
      readonly withheld: Contracts;
    }
  | { readonly kind: "transform"; readonly plan: string; readonly transform: ClaimTransform };

/** A plan at its end: the fields of its `OpportunityRow` that execution knows. */
export interface ClosedPlan {
  readonly plan: Plan;
  readonly outcome: "filled" | "partial" | "missed" | "open";
  /** Why it is not `filled`: the first leg's reason that fell short. */
  readonly reason: Reason | null;
  /** Worst-state profit of the complete baskets among what filled, at the plan's own prices and fees. */
  readonly expectedRealised: Pico;
  /** Cash in minus cash out after fills, fees, unwinds and transforms; claims still held at their worst state. */
  readonly simulatedRealised: Pico;
  readonly fees: Pico;
  /** Sums over the entry legs in contracts, decimal text. */
  readonly lotsPlanned: string;
  readonly lotsFilled: string;
  readonly fills: readonly Fill[];
  /** What is held to settlement. */
  readonly holdings: readonly Holding[];
  /** Cash out minus cash in by venue, where anything is held: still at risk. */
  readonly atRisk: ReadonlyMap<string, Pico>;
}

export interface Alarm {
  readonly orderId: OrderId;
  readonly reason: Reason;
}

/** What one call of execution wants done. Collected here, in order. */
export interface ExecutionStep {
  readonly commands: Command[];
  readonly entries: LedgerEntry[];
  readonly closed: ClosedPlan[];
  readonly alarms: Alarm[];
}

export function newStep(): ExecutionStep {
  return { commands: [], entries: [], closed: [], alarms: [] };
}

/** Books one act. @returns false when a transform found nothing to act on: execution and ledger disagree. */
export function book(ledger: Ledger, entry: LedgerEntry): boolean {
  if (entry.kind === "transform") return ledger.transform(entry.plan, entry.transform);
  ledger.fill(entry.plan, entry.fill, entry.instrument, entry.withheld);
  return true;
}
