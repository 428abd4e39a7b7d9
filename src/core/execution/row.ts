import {
  type CertificateLeg,
  formatDecimal,
  type Micros,
  type Opportunity,
  type OpportunityRow,
  PICO_DIGITS,
  PICO_ONE,
  type Plan,
  type Reason,
} from "../../contracts/index.ts";
import { lesser } from "../ledger/claim.ts";
import { picoOf } from "../sizing/capital.ts";
import type { ClosedPlan } from "./step.ts";

type Stage = NonNullable<OpportunityRow["refusalStage"]>;

/** Why an opportunity did not become a plan, and how far it came. */
export interface RowRefusal {
  readonly stage: Stage;
  readonly reason: Reason;
  /** The plan when it was refused after sizing. */
  readonly plan: Plan | null;
}

const money = (amount: bigint): string => formatDecimal(amount, PICO_DIGITS);

/** Row of an opportunity that was refused. Its certificate counts as accepted unless it was refused for it. */
export function refusedRow(
  opportunity: Opportunity,
  refusal: RowRefusal,
  familyTitle: string,
  at: Micros,
): OpportunityRow {
  const { plan, stage, reason } = refusal;
  const believed = reason !== "certificate.refused" && stage !== "certify";
  const { guaranteed, capital } = opportunity.finding.certificate;
  return {
    ...identity(opportunity, familyTitle, at),
    certified: believed ? guaranteed : "0",
    planned: plan === null || !believed ? "0" : money(plan.guaranteed),
    expectedRealised: "0",
    simulatedRealised: "0",
    capital: plan === null ? capital : money(plan.capital),
    fees: "0",
    refusal: reason,
    refusalStage: stage,
    outcome: "refused",
    fills: [],
    lotsPlanned: "0",
    lotsFilled: "0",
  };
}

/** Row of an opportunity that was carried out (or is still `open` when the run ends). */
export function closedRow(closed: ClosedPlan, familyTitle: string, at: Micros): OpportunityRow {
  const { plan } = closed;
  return {
    ...identity(plan.opportunity, familyTitle, at),
    certified: plan.opportunity.finding.certificate.guaranteed,
    planned: money(plan.guaranteed),
    expectedRealised: money(closed.expectedRealised),
    simulatedRealised: money(closed.simulatedRealised),
    capital: money(plan.capital),
    fees: money(closed.fees),
    refusal: null,
    refusalStage: null,
    outcome: closed.outcome,
    fills: closed.fills,
    lotsPlanned: closed.lotsPlanned,
    lotsFilled: closed.lotsFilled,
  };
}

function identity(opportunity: Opportunity, familyTitle: string, at: Micros) {
  const { id, factSeq, foundAt, finding } = opportunity;
  const { lane, family, style, certificate } = finding;
  return {
    id,
    lane,
    family,
    familyTitle,
    style,
    venues: [...new Set(certificate.legs.map(({ venue }) => venue))].sort(),
    factSeq,
    foundAt,
    closedAt: at,
    legCount: finding.legs.length,
    detected: certificate.guaranteed,
    ...touches(certificate.legs),
  };
}

/** Lowest and highest best price over the legs, and the smallest notional at a leg's best price. */
function touches(legs: readonly CertificateLeg[]) {
  let minAsk: bigint | null = null;
  let maxAsk = 0n;
  let minNotional: bigint | null = null;
  for (const { ladder } of legs) {
    const price = picoOf(ladder[0]?.[0] ?? "") ?? 0n;
    const size = picoOf(ladder[0]?.[1] ?? "") ?? 0n;
    const notional = (price * size) / PICO_ONE;
    minAsk = minAsk === null ? price : lesser(minAsk, price);
    if (price > maxAsk) maxAsk = price;
    minNotional = minNotional === null ? notional : lesser(minNotional, notional);
  }
  return {
    minAsk: money(minAsk ?? 0n),
    maxAsk: money(maxAsk),
    minDepthNotional: money(minNotional ?? 0n),
  };
}
