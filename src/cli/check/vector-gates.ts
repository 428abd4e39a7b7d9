import type { Reason } from "../../contracts/index.ts";
import { isDecimal, scaled } from "./vector-problem.ts";
import type { VectorGates, VectorInput, VectorInstrument } from "./vector-schema.ts";

/** The vectors' names of the causes for which our firewall quarantines a quote. */
const NAMES = {
  "quote.invalid_price": "INVALID_PRICE",
  "quote.invalid_size": "INVALID_SIZE",
  "quote.stale": "STALE_QUOTE",
  "quote.crossed": "CROSSED_BOOK",
  "quote.off_tick": "OFF_TICK",
  "quote.micro_price": "MICRO_PRICE",
  "quote.unified_cross": "UNIFIED_BOOK_CROSS",
} as const satisfies Partial<Record<Reason, string>>;
type Gate = keyof typeof NAMES;

const ONE = 1_000_000;

/** Instruments that the gates remove, each with the vectors' name of the cause. */
export function gateInstruments(input: VectorInput): ReadonlyMap<string, string> {
  const rejected = new Map<string, string>();
  for (const instrument of input.instruments) {
    const gate = gateOf(instrument, input.gates ?? {});
    if (gate !== null) rejected.set(instrument.id, NAMES[gate]);
  }
  for (const market of input.gates?.unified_markets ?? []) {
    const pair = input.instruments.filter((one) => one.market === market && !rejected.has(one.id));
    const yes = best(pair.find((one) => one.side === "YES")?.asks);
    const no = best(pair.find((one) => one.side === "NO")?.asks);
    if (yes === null || no === null || yes + no >= ONE) continue;
    for (const { id } of pair) rejected.set(id, NAMES["quote.unified_cross"]);
  }
  return rejected;
}

function gateOf(instrument: VectorInstrument, gates: VectorGates): Gate | null {
  const levels = [...instrument.asks, ...(instrument.bids ?? [])];
  for (const [price, size] of levels) {
    if (!isDecimal(size) || scaled(size) < 0) return "quote.invalid_size";
    if (!isDecimal(price) || scaled(price) <= 0 || scaled(price) >= ONE) return "quote.invalid_price";
  }
  const oldest = gates.max_quote_age_ms;
  if (oldest !== undefined && (instrument.quote_age_ms ?? 0) > oldest) return "quote.stale";
  const ask = best(instrument.asks);
  const bid = best(instrument.bids);
  if (ask !== null && bid !== null && bid >= ask) return "quote.crossed";
  const { tick } = instrument;
  if (tick !== undefined && levels.some(([price]) => scaled(price) % scaled(tick) !== 0))
    return "quote.off_tick";
  const band = gates.micro_price;
  const outside = (price: number | null) =>
    band !== undefined && price !== null && (price < scaled(band.min) || price > scaled(band.max));
  return outside(ask) || outside(bid) ? "quote.micro_price" : null;
}

/** Price of the first level with size. */
function best(levels: readonly (readonly [string, string])[] | undefined): number | null {
  const level = levels?.find(([, size]) => scaled(size) > 0);
  return level === undefined ? null : scaled(level[0]);
}
