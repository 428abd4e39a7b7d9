import {
  BID,
  type FactSink,
  FLAG_FRAME_END,
  Kind,
  type Reason,
  reasonNumber,
  type Side,
} from "../../src/contracts/index.ts";

/**
 * Puts the facts of one frame. Holds back the last one until the next comes, so that the frame's end can be marked
 * on it.
 */
export class Emitter {
  readonly #sink: FactSink;
  readonly #always: number;
  /** Stream of the frame. */
  stream = -1;
  #recvAt = 0;
  #holding = false;
  #kind: Kind = Kind.REJECT;
  #side: Side = BID;
  #flags = 0;
  #book = -1;
  #ticks = 0;
  #lots = -1;
  #venueAt = 0;
  /** Facts of this frame so far, packed or not. */
  count = 0;

  /** @param always flags set on every fact. */
  constructor(sink: FactSink, always = 0) {
    this.#sink = sink;
    this.#always = always;
  }

  begin(stream: number, recvAt: number): void {
    this.stream = stream;
    this.#recvAt = recvAt;
    this.count = 0;
  }

  put(
    kind: Kind,
    side: Side,
    flags: number,
    book: number,
    ticks: number,
    lots: number,
    venueAt: number,
  ): void {
    if (this.#holding) this.#release(0);
    this.#holding = true;
    this.#kind = kind;
    this.#side = side;
    this.#flags = flags;
    this.#book = book;
    this.#ticks = ticks;
    this.#lots = lots;
    this.#venueAt = venueAt;
    this.count++;
  }

  /** A snapshot level: never the last fact of a frame. */
  level(side: Side, book: number, ticks: number, lots: number, venueAt: number): void {
    if (this.#holding) this.#release(0);
    this.#sink.put(
      Kind.SNAPSHOT_LEVEL,
      side,
      this.#always,
      book,
      ticks,
      this.stream,
      lots,
      this.#recvAt,
      venueAt,
      -1,
    );
  }

  reject(reason: Reason, book: number, venueAt: number): void {
    this.put(Kind.REJECT, BID, 0, book, reasonNumber(reason), -1, venueAt);
  }

  invalid(reason: Reason, book: number, venueAt: number): void {
    this.put(Kind.INVALID, BID, 0, book, reasonNumber(reason), -1, venueAt);
  }

  /** To be called before an object fact is put: everything so far goes out before it. */
  beforeObject(): void {
    if (this.#holding) this.#release(0);
    this.count++;
  }

  /** Ends the frame: marks and releases its last fact. */
  end(): void {
    if (this.#holding) this.#release(FLAG_FRAME_END);
  }

  #release(flags: number): void {
    this.#holding = false;
    this.#sink.put(
      this.#kind,
      this.#side,
      this.#flags | this.#always | flags,
      this.#book,
      this.#ticks,
      this.stream,
      this.#lots,
      this.#recvAt,
      this.#venueAt,
      -1,
    );
  }
}
