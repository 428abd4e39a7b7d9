import {
  ASK,
  BID,
  FLAG_FRAME_END,
  FLAG_POLL,
  Kind,
  type Micros,
  parseScaled,
  type RecordingSink,
  type Side,
} from "../../../src/contracts/index.ts";
import { asciiBytes } from "../byte-cursor.ts";
import { MAX_LOTS, PRICE_DIGITS, PRICE_SCALE, SIZE_DIGITS } from "../scales.ts";

/** A level on the YES scale. */
export interface PolledLevel {
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
}

/** The venue's own statement of its best prices; -1 = that side is empty. */
export interface PolledTop {
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** Facts of books that were observed by polling: one unjudged stream per file, no sequence numbers. */
export class PollFacts {
  readonly #sink: RecordingSink;
  readonly #label: string;
  #stream = -1;

  constructor(sink: RecordingSink, label: string) {
    this.#sink = sink;
    this.#label = label;
  }

  /** Replaces a book by what one poll saw of it. */
  snapshot(symbol: string, levels: readonly PolledLevel[], at: number): void {
    const book = this.#book(symbol, at);
    if (book === -1) return;
    const stream = this.#open(at);
    const { facts } = this.#sink;
    facts.put(Kind.SNAPSHOT_BEGIN, BID, FLAG_POLL, book, -1, stream, -1, at, 0, -1);
    for (const { side, ticks, lots } of levels)
      facts.put(Kind.SNAPSHOT_LEVEL, side, FLAG_POLL, book, ticks, stream, lots, at, 0, -1);
    facts.put(Kind.SNAPSHOT_END, BID, FLAG_POLL | FLAG_FRAME_END, book, -1, stream, -1, at, 0, -1);
  }

  /** The best prices the venue stated in the same poll, sizes not given. */
  top(symbol: string, { bidTicks, askTicks }: PolledTop, at: number): void {
    const book = this.#book(symbol, at);
    if (book === -1) return;
    const stream = this.#open(at);
    const { facts } = this.#sink;
    facts.put(Kind.TOP_WITNESS, BID, FLAG_POLL, book, bidTicks, stream, -1, at, 0, -1);
    const last = FLAG_POLL | FLAG_FRAME_END;
    facts.put(Kind.TOP_WITNESS, ASK, last, book, askTicks, stream, -1, at, 0, -1);
  }

  #open(at: number): number {
    if (this.#stream === -1)
      this.#stream = this.#sink.env.openStream(
        this.#label,
        false,
        "polled: no sequence numbers",
        at as Micros,
      );
    return this.#stream;
  }

  #book(symbol: string, at: number): number {
    const { symbols } = this.#sink.env;
    const bytes = asciiBytes(symbol);
    const known = symbols.find(bytes, 0, bytes.length);
    const hit = known === -1 ? symbols.learn(symbol, at as Micros) : known;
    if (hit === -1) this.#sink.reject("wire.unknown_symbol", symbol.slice(0, 80));
    return hit >> 1;
  }
}

/** Dollar text as ticks in [0, 1]; null when it is none. */
export function dollarTicks(text: string): number | null {
  const ticks = parseScaled(text, PRICE_DIGITS);
  return ticks === null || ticks < 0 || ticks > PRICE_SCALE ? null : ticks;
}

/** Contract text as lots; null when it is no size. */
export function contractLots(text: string): number | null {
  const lots = text.length > 32 ? null : parseScaled(text, SIZE_DIGITS);
  return lots === null || lots < 0 || lots > MAX_LOTS ? null : lots;
}

/** A book of bids on both legs -> levels on the YES scale, empty sizes left out; null when a value is unreadable. */
export function legLevels(
  yes: readonly (readonly [string, string])[],
  no: readonly (readonly [string, string])[],
): PolledLevel[] | null {
  const levels: PolledLevel[] = [];
  for (const [side, ladder] of [
    [BID, yes],
    [ASK, no],
  ] as const) {
    const seen = new Set<number>();
    for (const [price, size] of ladder) {
      const ticks = dollarTicks(price);
      const lots = contractLots(size);
      if (ticks === null || lots === null || ticks === 0 || ticks === PRICE_SCALE || seen.has(ticks))
        return null;
      seen.add(ticks);
      if (lots > 0) levels.push({ side, ticks: side === BID ? ticks : PRICE_SCALE - ticks, lots });
    }
  }
  return levels;
}
