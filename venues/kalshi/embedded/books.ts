import { ASK, BID, type EmbeddedExchange, type Level, type Side } from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { contracts, dollars } from "./values.ts";

/**
 * One side of a book as the venue writes it: bids of one leg in ascending price, as JSON text.
 * @param yesPrice NO bids at their price on the YES scale instead of their own. @param depth best levels; 0 = all.
 */
export function ladder(levels: readonly Level[], side: Side, yesPrice = false, depth = 0): string {
  const count = depth === 0 ? levels.length : Math.min(depth, levels.length);
  const entry = ({ ticks, lots }: Level): string =>
    `["${dollars(side === BID || yesPrice ? ticks : PRICE_SCALE - ticks)}","${contracts(lots)}"]`;
  const texts = levels.slice(0, count).map(entry);
  // Levels come best first: highest first in the leg's own price, for NO bids lowest first on the YES scale.
  if (side === BID || !yesPrice) texts.reverse();
  return `[${texts.join()}]`;
}

/** `{"no_dollars":[...],"yes_dollars":[...]}`: both sides are always there, empty or not. */
export function restBook(exchange: EmbeddedExchange, symbol: string, depth: number): string {
  const no = ladder(exchange.levels(symbol, ASK), ASK, false, depth);
  const yes = ladder(exchange.levels(symbol, BID), BID, false, depth);
  return `{"no_dollars":${no},"yes_dollars":${yes}}`;
}
