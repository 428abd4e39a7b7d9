import type { Holding } from "./worst-value.ts";

/** Holdings less those of plans that still look after their own. */
export function without(all: readonly Holding[], kept: readonly Holding[]): Holding[] {
  return all.map(({ market, yes, no }) => {
    const mine = kept.filter((holding) => holding.market === market);
    return {
      market,
      yes: mine.reduce((left, holding) => left - holding.yes, yes),
      no: mine.reduce((left, holding) => left - holding.no, no),
    };
  });
}
