import type { Approved, Certificate, Plan } from "../../contracts/index.ts";
import type { RiskLimits } from "./limits.ts";
import {
  certificateCovers,
  dailyDrawdown,
  enoughCash,
  familyCap,
  feedSound,
  knownFees,
  knownTicks,
  leverage,
  marketOpen,
  maxConcurrent,
  minEdge,
  notPaused,
  quoteStands,
  type Refusal,
  type RiskRule,
  type RiskState,
  totalCap,
  venueCap,
  whitelisted,
} from "./rules.ts";

/** The independent checker. It accepts a certificate or names the first check that failed. */
export type VerifyCertificate = (
  certificate: Certificate,
) => { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** In this order: the first refusal is the one reported. Cheap rules first, the proof last. */
export const RISK_RULES: readonly RiskRule[] = [
  notPaused,
  dailyDrawdown,
  whitelisted,
  feedSound,
  knownTicks,
  knownFees,
  marketOpen,
  quoteStands,
  minEdge,
  maxConcurrent,
  familyCap,
  venueCap,
  totalCap,
  leverage,
  enoughCash,
  certificateCovers,
];

export type Verdict =
  | { readonly approved: Approved<Plan>; readonly refusal: null }
  | { readonly approved: null; readonly refusal: Refusal };

/**
 * The pre-trade gate: the only maker of `Approved`. It refuses on the first rule that objects and whatever the
 * independent checker does not verify.
 */
export function judge(plan: Plan, state: RiskState, limits: RiskLimits, verify: VerifyCertificate): Verdict {
  for (const rule of RISK_RULES) {
    const refusal = rule(plan, state, limits);
    if (refusal !== null) return { approved: null, refusal };
  }
  const verdict = verify(plan.certificate);
  if (!verdict.ok) {
    return { approved: null, refusal: { reason: "certificate.refused", detail: verdict.reason } };
  }
  return { approved: plan as Approved<Plan>, refusal: null };
}
