import { type CertificateTransform, type Instrument, PICO_ONE, type Plan } from "../../contracts/index.ts";
import { type Contracts, claimOf, contractsOf, isBuy, lesser } from "../ledger/claim.ts";
import type { ClaimTransform } from "../ledger/transforms.ts";
import { withheldOf } from "../ledger/withheld.ts";
import { picoOf } from "../sizing/capital.ts";
import { type PlanHoldings, termsOf } from "./plan-holdings.ts";
import { type Ratio, scaleDown } from "./ratio.ts";

type Act = (transform: ClaimTransform) => void;

/** Splits come first: their claims are what the sell legs sell. */
export function applySplits(
  plan: Plan,
  instruments: readonly Instrument[],
  holdings: PlanHoldings,
  act: Act,
): void {
  const [anchor] = instruments;
  if (anchor === undefined) return;
  for (const [market, contracts] of splitsOf(plan)) {
    holdings.split(market, contracts);
    act({ type: "split", terms: termsOf(market, anchor), contracts });
  }
}

function splitsOf(plan: Plan): [string, Contracts][] {
  return plan.certificate.transforms.flatMap((transform): [string, Contracts][] =>
    transform.type === "split" ? [[transform.market, picoOf(transform.quantity) ?? 0n]] : [],
  );
}

/** What the complete baskets hold before they are merged or converted: the planned holdings times the matched ratio. */
export function setTargets(
  plan: Plan,
  instruments: readonly Instrument[],
  holdings: PlanHoldings,
  ratio: Ratio,
): void {
  for (const [market, contracts] of splitsOf(plan)) {
    holdings.claim(market, "yes").target += contracts;
    holdings.claim(market, "no").target += contracts;
  }
  plan.legs.forEach(({ action, lots }, index) => {
    const instrument = instruments[index]!;
    const contracts = contractsOf(lots, instrument.sizeScale);
    const change = isBuy(action)
      ? contracts - withheldOf(instrument, lots, plan.opportunity.foundAt)
      : -contracts;
    holdings.claim(instrument.market, claimOf(action)).target += change;
  });
  for (const entry of holdings.all()) {
    entry.target = lesser(scaleDown(entry.target, ratio), entry.held);
  }
}

/** Merges and conversions that the certificate counts on, at the matched ratio. */
export function applyBasketTransforms(
  plan: Plan,
  instruments: readonly Instrument[],
  holdings: PlanHoldings,
  ratio: Ratio,
  act: Act,
): void {
  const [anchor] = instruments;
  if (anchor === undefined) return;
  const quantum = PICO_ONE / BigInt(anchor.sizeScale);
  for (const transform of plan.certificate.transforms) {
    const scaled = scaleDown(picoOf(transform.quantity) ?? 0n, ratio);
    applyOne(transform, scaled - (scaled % quantum), anchor, holdings, act);
  }
}

function applyOne(
  transform: CertificateTransform,
  contracts: Contracts,
  anchor: Instrument,
  holdings: PlanHoldings,
  act: Act,
): void {
  switch (transform.type) {
    case "split":
      return;
    case "merge": {
      const done = holdings.mergeTarget(transform.market, contracts);
      if (done > 0n) act({ type: "merge", terms: termsOf(transform.market, anchor), contracts: done });
      return;
    }
    case "neg_risk_convert": {
      const markets = transform.markets.map((market) => termsOf(market, anchor));
      const conversion = { markets, noSet: transform.noSet, feeBips: transform.feeBips };
      const done = holdings.convertTarget(conversion, contracts);
      if (done > 0n) act({ type: "convert", conversion, contracts: done });
    }
  }
}

/** Turns every remaining YES + NO pair of a mergeable market into money. */
export function applyMerges(
  instruments: readonly Instrument[],
  holdings: PlanHoldings,
  mergeable: (market: string) => boolean,
  act: Act,
): void {
  for (const instrument of new Map(instruments.map((each) => [each.market, each])).values()) {
    if (!mergeable(instrument.market)) continue;
    const contracts = holdings.mergePairs(instrument.market);
    if (contracts > 0n) act({ type: "merge", terms: termsOf(instrument.market, instrument), contracts });
  }
}
