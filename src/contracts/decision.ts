import type { Command } from "./command.ts";
import type { Fill, Finding, Leg } from "./opportunity.ts";
import type { Reason } from "./reasons.ts";

/**
 * Decisions: what the engine judged, and why. Recorded beside the facts, hashed into the run's digest.
 * All money is decimal text of whole currency units ("1.25"), exact.
 */
export type Decision =
  | {
      readonly kind: "opportunity.detected";
      readonly id: string;
      readonly lane: string;
      readonly family: string;
      readonly style: string;
      readonly guaranteed: string;
      readonly capital: string;
      readonly finding: Finding;
    }
  | {
      readonly kind: "opportunity.refused";
      readonly id: string;
      readonly stage: "certify" | "dedupe" | "size" | "risk";
      readonly reason: Reason;
      readonly detail: string;
    }
  | {
      readonly kind: "plan.approved";
      readonly id: string;
      readonly legs: readonly Leg[];
      readonly capital: string;
      readonly guaranteed: string;
      readonly boundBy: string;
      readonly certificateHash: string;
    }
  /** The intent of an order or a cancel, written before it is sent. */
  | { readonly kind: "command.issued"; readonly command: Command }
  | { readonly kind: "opportunity.closed"; readonly row: OpportunityRow };

/** One opened opportunity from first sight to its end. The KPI report is built from these rows and nothing else. */
export interface OpportunityRow {
  readonly id: string;
  readonly lane: string;
  /** Canonical family key. */
  readonly family: string;
  readonly familyTitle: string;
  readonly style: string;
  readonly venues: readonly string[];
  readonly factSeq: number;
  readonly foundAt: number;
  readonly closedAt: number;
  readonly legCount: number;
  /** Worst-state profit of the full finding, as certified. */
  readonly detected: string;
  /** The same after the independent checker accepted it; "0" when it refused. */
  readonly certified: string;
  /** Worst-state profit at the planned size; "0" when refused before planning. */
  readonly planned: string;
  /** Worst-state profit of what really filled, at the plan's own prices and fees. */
  readonly expectedRealised: string;
  /** Cash in minus cash out after fills, fees, unwinds and payouts, open claims valued at their worst state. */
  readonly simulatedRealised: string;
  readonly capital: string;
  readonly fees: string;
  readonly refusal: Reason | null;
  readonly refusalStage: "certify" | "dedupe" | "size" | "risk" | null;
  readonly outcome: "refused" | "filled" | "partial" | "missed" | "open";
  readonly fills: readonly Fill[];
  /** Lowest and highest best ask over the legs, decimal text: input of the micro-price view. */
  readonly minAsk: string;
  readonly maxAsk: string;
  /** Smallest notional of a leg's touch, decimal text. */
  readonly minDepthNotional: string;
  readonly lotsPlanned: string;
  readonly lotsFilled: string;
}
