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

/** One record that waits: only the next one tells whether it was the last of its poll. */
interface Held {
  readonly kind: Kind;
  readonly side: Side;
  readonly book: number;
  readonly ticks: number;
  readonly lots: number;
  readonly at: number;
}

/**
 * Facts of books that were observed by polling: one unjudged stream per file, no sequence numbers. Everything between
 * two calls of `endPoll` was seen at one instant and is one frame: nobody looks at a half of it.
 */
export class PollFacts {
  readonly #sink: RecordingSink;
  readonly #label: string;
  #stream = -1;
  #held: Held | null = null;

  constructor(sink: RecordingSink, label: string) {
    this.#sink = sink;
    this.#label = label;
  }

  /** Replaces a book by what one poll saw of it. */
  snapshot(symbol: string, levels: readonly PolledLevel[], at: number): void {
    const book = this.#book(symbol, at);
    if (book === -1) return;
    this.#open(at);
    this.#put({ kind: Kind.SNAPSHOT_BEGIN, side: BID, book, ticks: -1, lots: -1, at });
    for (const level of levels) this.#put({ kind: Kind.SNAPSHOT_LEVEL, ...level, book, at });
    this.#put({ kind: Kind.SNAPSHOT_END, side: BID, book, ticks: -1, lots: -1, at });
  }

  /** The best prices the venue stated in the same poll, sizes not given. */
  top(symbol: string, { bidTicks, askTicks }: PolledTop, at: number): void {
    const book = this.#book(symbol, at);
    if (book === -1) return;
    this.#open(at);
    this.#put({ kind: Kind.TOP_WITNESS, side: BID, book, ticks: bidTicks, lots: -1, at });
    this.#put({ kind: Kind.TOP_WITNESS, side: ASK, book, ticks: askTicks, lots: -1, at });
  }

  /** The poll is complete. */
  endPoll(): void {
    this.#emit(FLAG_POLL | FLAG_FRAME_END);
  }

  #put(record: Held): void {
    this.#emit(FLAG_POLL);
    this.#held = record;
  }

  #emit(flags: number): void {
    if (this.#held === null) return;
    const { kind, side, book, ticks, lots, at } = this.#held;
    this.#sink.facts.put(kind, side, flags, book, ticks, this.#stream, lots, at, 0, -1);
    this.#held = null;
  }

  #open(at: number): void {
    if (this.#stream === -1)
      this.#stream = this.#sink.env.openStream(
        this.#label,
        false,
        "polled: no sequence numbers",
        at as Micros,
      );
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
