import {
  ASK,
  BID,
  FLAG_POLL,
  Kind,
  type Micros,
  parseScaled,
  type RecordingSink,
} from "../../../src/contracts/index.ts";
import { Emitter } from "../emitter.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "../scales.ts";

/** Best prices that were polled without sizes, written as snapshots of one level a side. */
export class PollWriter {
  readonly #sink: RecordingSink;
  readonly #out: Emitter;
  readonly #assumed: number | null;
  /** What is wrong with the options; null when nothing is. */
  readonly fault: string | null;
  readonly #label: string;
  #stream = -1;
  #at = 0;

  /** @param assumeSize option text: the size of every level in shares; undefined = the market's minimum order. */
  constructor(sink: RecordingSink, label: string, assumeSize: string | undefined) {
    this.#sink = sink;
    this.#label = label;
    this.#out = new Emitter(sink.facts, FLAG_POLL);
    this.#assumed = assumeSize === undefined ? null : parseScaled(assumeSize, SIZE_DIGITS);
    const usable = assumeSize === undefined || (this.#assumed !== null && this.#assumed > 0);
    this.fault = usable ? null : `assume-size: expected a positive number of shares, found "${assumeSize}"`;
  }

  /** Starts the facts of one poll; instants never go backwards. Returns the instant used. */
  begin(at: Micros): Micros {
    this.#at = Math.max(this.#at, at);
    const now = this.#at as Micros;
    if (this.#stream === -1) {
      const size =
        this.#assumed === null ? "the market's minimum order" : `${this.#assumed / 10 ** SIZE_DIGITS} shares`;
      const why = `best prices polled without sizes: every level is assumed to hold ${size}`;
      this.#stream = this.#sink.env.openStream(this.#label, false, why, now);
    }
    this.#out.begin(this.#stream, now);
    return now;
  }

  /** One book; "", "0" and an ask of "1" are empty sides. A price that is none makes the book invalid. */
  quote(book: number, bid: string, ask: string, minLots: number): void {
    const out = this.#out;
    const bidTicks = pollTicks(bid);
    const askTicks = pollTicks(ask);
    if (bidTicks === null || askTicks === null || bidTicks === PRICE_ONE) {
      out.reject("wire.bad_number", book, 0);
      out.invalid("book.unreadable", book, 0);
      return;
    }
    const lots = this.#assumed ?? minLots;
    out.put(Kind.SNAPSHOT_BEGIN, BID, 0, book, 0, -1, 0);
    if (bidTicks > 0) out.level(BID, book, bidTicks, lots, 0);
    if (askTicks > 0 && askTicks < PRICE_ONE) out.level(ASK, book, askTicks, lots, 0);
    out.put(Kind.SNAPSHOT_END, BID, 0, book, 0, -1, 0);
  }

  /** The poll brought nothing for this book: what was known of it no longer counts. */
  missing(book: number): void {
    this.#out.invalid("book.never_seen", book, 0);
  }

  end(): void {
    this.#out.end();
  }

  close(): void {
    if (this.#stream === -1) return;
    this.#sink.object(
      { kind: "stream.closed", stream: this.#stream, reason: "end of file" },
      this.#at as Micros,
    );
  }
}

function pollTicks(text: string): number | null {
  if (text === "") return 0;
  const ticks = parseScaled(text, PRICE_DIGITS);
  return ticks === null || ticks < 0 || ticks > PRICE_ONE ? null : ticks;
}
