import {
  BID,
  type FactSink,
  FLAG_FRAME_END,
  Kind,
  type Micros,
  type ObjectFact,
  type Reason,
  reasonNumber,
  type Side,
} from "../../src/contracts/index.ts";

interface Held {
  readonly kind: Kind;
  readonly side: Side;
  readonly book: number;
  readonly ticks: number;
  readonly lots: number;
}

/** Puts the facts of one frame: they are held until its end, so that the last one can carry the mark. */
export class Emitter {
  readonly #sink: FactSink;
  #held: Held[] = [];
  #stream = -1;
  #recvAt = 0;
  #always = 0;
  /** Stated instant of the frame; 0 = none. */
  venueAt = 0;

  constructor(sink: FactSink) {
    this.#sink = sink;
  }

  /** @param always flags set on every fact of the frame. */
  begin(stream: number, recvAt: number, always: number): void {
    this.#stream = stream;
    this.#recvAt = recvAt;
    this.#always = always;
    this.venueAt = 0;
  }

  put(kind: Kind, side: Side, book: number, ticks: number, lots: number): void {
    this.#held.push({ kind, side, book, ticks, lots });
  }

  reject(reason: Reason, book: number): void {
    this.put(Kind.REJECT, BID, book, reasonNumber(reason), -1);
  }

  /** Book -1: every book of the stream. */
  invalid(reason: Reason, book: number): void {
    this.put(Kind.INVALID, BID, book, reasonNumber(reason), -1);
  }

  /** A rare fact after everything put so far. A packed fact must follow in the same frame. */
  object(fact: ObjectFact): void {
    this.#release(0);
    this.#sink.object(fact, this.#recvAt as Micros);
  }

  end(): void {
    this.#release(FLAG_FRAME_END);
  }

  #release(last: number): void {
    const held = this.#held;
    this.#held = [];
    held.forEach(({ kind, side, book, ticks, lots }, index) => {
      const flags = this.#always | (index === held.length - 1 ? last : 0);
      this.#sink.put(kind, side, flags, book, ticks, this.#stream, lots, this.#recvAt, this.venueAt, -1);
    });
  }
}
