import { minOf } from "./exact.ts";
import type { AppliedConversion, Conversion } from "./problem.ts";

/** NO contracts held of one market, in quanta. */
export interface Holding {
  readonly market: string;
  readonly contracts: bigint;
}

/**
 * The negative-risk conversions that release the most money at once: nested sets, the largest set first, down to two
 * members. A conversion gives (members - 1) units of money and the YES of every market outside the set, so in no state
 * does it pay more than the NO contracts did; without a fee it costs nothing but the extra unit of the all-false state,
 * which never is the worst. With a fee it lowers the guarantee and is left out.
 */
export function releaseCapital(
  conversion: Extract<Conversion, { type: "neg_risk_convert" }>,
  holdings: readonly Holding[],
): AppliedConversion[] {
  if (conversion.feeBips !== 0) return [];
  const members = new Set(conversion.markets);
  let held = holdings.filter((holding) => members.has(holding.market) && holding.contracts > 0n);
  let left = conversion.max;
  const applied: AppliedConversion[] = [];
  while (held.length >= 2 && (left === null || left > 0n)) {
    let quantity = held.map((holding) => holding.contracts).reduce(minOf);
    if (left !== null) quantity = minOf(quantity, left);
    const inSet = new Set(held.map((holding) => holding.market));
    applied.push({
      type: "neg_risk_convert",
      markets: conversion.markets,
      noSet: conversion.markets.filter((market) => inSet.has(market)),
      feeBips: conversion.feeBips,
      quantity,
    });
    if (left !== null) left -= quantity;
    held = held
      .map((holding) => ({ ...holding, contracts: holding.contracts - quantity }))
      .filter((holding) => holding.contracts > 0n);
  }
  return applied;
}
