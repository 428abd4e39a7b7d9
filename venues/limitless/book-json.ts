import { formatDecimal, type Level } from "../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE } from "./scales.ts";

/** What the venue says of a book besides its levels. */
export interface BookTerms {
  /** Decimal text. */
  readonly maxSpread: string;
  /** Whole quanta of a share, as text. */
  readonly minSize: string;
}

export const USUAL_TERMS: BookTerms = { maxSpread: "0.035", minSize: "100000000" };

/** A book as `GET /markets/{slug}/orderbook` and `orderbookUpdate` write it. Levels best first; prices bare numbers. */
export function bookJson(
  tokenId: string,
  bids: readonly Level[],
  asks: readonly Level[],
  { maxSpread, minSize }: BookTerms = USUAL_TERMS,
): string {
  const doubleMiddle = (bids[0]?.ticks ?? 0) + (asks[0]?.ticks ?? PRICE_ONE);
  const middle = formatDecimal(BigInt(doubleMiddle * 5), PRICE_DIGITS + 1);
  return `{"bids":${levelsJson(bids)},"asks":${levelsJson(asks)},"tokenId":"${tokenId}","adjustedMidpoint":${middle},"maxSpread":"${maxSpread}","minSize":"${minSize}"}`;
}

/** Payload of `orderbookUpdate`; `book` is JSON text. */
export function updateJson(slug: string, book: string, timestamp: string): string {
  return `{"marketSlug":${JSON.stringify(slug)},"orderbook":${book},"timestamp":"${timestamp}"}`;
}

/** A price as the venue writes it. */
export function priceText(ticks: number): string {
  return formatDecimal(BigInt(ticks), PRICE_DIGITS);
}

function levelsJson(levels: readonly Level[]): string {
  return `[${levels.map(({ ticks, lots }) => `{"price":${priceText(ticks)},"size":${lots}}`).join(",")}]`;
}
