import {
  B_STREAM,
  type BookTable,
  grownCapacity,
  grownFloat64,
  grownInt32,
  LINE_SHIFT,
} from "./book-table.ts";
import { SEQ_DUPLICATE, SEQ_REORDERED } from "./codes.ts";

/** Bound on streams ever opened in one run. */
const MAX_STREAMS = 1 << 20;

export const ADMIT_OK = 0;
/** Records were lost before this frame: every book of the stream is out of date. The frame itself may be used. */
export const ADMIT_GAP = -1;
/** The rest of a frame already refused. */
export const ADMIT_DROPPED = -2;

/**
 * Judges the order of each venue subscription. A frame's sequence number counts once; on a judged stream it must be
 * the last plus one. Knows which books each stream feeds (an intrusive list) and when its continuity was last proved.
 */
export class Continuity {
  count = 0;
  readonly #table: BookTable;
  #lastSeq = new Float64Array(0);
  #frameSeq = new Float64Array(0);
  #gapFrom = new Float64Array(0);
  #gapTo = new Float64Array(0);
  /** Instant (Micros) of the last record that proves the stream is whole; 0 = never. */
  provedAt = new Float64Array(0);
  #frame = new Int32Array(0);
  #verdict = new Int32Array(0);
  #unjudged = new Int32Array(0);
  #firstBook = new Int32Array(0);
  #nextBook = new Int32Array(0);
  #previousBook = new Int32Array(0);
  #capacity = 0;

  constructor(table: BookTable) {
    this.#table = table;
  }

  /** Makes room for books below `capacity`. */
  grow(capacity: number): void {
    if (this.#nextBook.length >= capacity) return;
    this.#nextBook = grownInt32(this.#nextBook, capacity, -1);
    this.#previousBook = grownInt32(this.#previousBook, capacity, -1);
  }

  /** Makes a stream known; false beyond the bound. An unannounced stream is judged. */
  know(stream: number): boolean {
    if (stream < this.count) return true;
    if (stream >= MAX_STREAMS) return false;
    if (stream >= this.#capacity) this.#growStreams(stream);
    this.count = stream + 1;
    return true;
  }

  /** A subscription begins anew under this index: nothing was received yet. */
  open(stream: number, judged: boolean): void {
    this.#unjudged[stream] = judged ? 0 : 1;
    this.#lastSeq[stream] = -1;
    this.#frameSeq[stream] = -1;
    this.#gapFrom[stream] = -1;
    this.#gapTo[stream] = -1;
    this.#frame[stream] = -1;
    this.provedAt[stream] = 0;
  }

  /**
   * Judges one record of a known stream. `frame` numbers the frames of the whole feed.
   * @returns `ADMIT_OK`, `ADMIT_GAP`, `ADMIT_DROPPED`, or the reason number (once per frame) why the frame is dropped.
   */
  admit(stream: number, seq: number, frame: number): number {
    if (this.#frame[stream] === frame && (seq < 0 || seq === this.#frameSeq[stream])) {
      return this.#verdict[stream]!;
    }
    if (seq < 0) return ADMIT_OK;
    this.#frame[stream] = frame;
    this.#frameSeq[stream] = seq;
    const last = this.#lastSeq[stream]!;
    if (seq === last + 1 || last < 0 || this.#unjudged[stream] === 1) {
      this.#lastSeq[stream] = seq;
      this.#verdict[stream] = ADMIT_OK;
      return ADMIT_OK;
    }
    if (seq > last) {
      this.#gapFrom[stream] = last + 1;
      this.#gapTo[stream] = seq - 1;
      this.#lastSeq[stream] = seq;
      this.#verdict[stream] = ADMIT_OK;
      return ADMIT_GAP;
    }
    this.#verdict[stream] = ADMIT_DROPPED;
    const wasMissing = seq >= this.#gapFrom[stream]! && seq <= this.#gapTo[stream]!;
    return wasMissing ? SEQ_REORDERED : SEQ_DUPLICATE;
  }

  /** From now on this stream makes the book. */
  attach(book: number, stream: number): void {
    this.detach(book);
    this.#table.words[(book << LINE_SHIFT) + B_STREAM] = stream;
    if (stream < 0) return;
    const first = this.#firstBook[stream]!;
    this.#nextBook[book] = first;
    this.#previousBook[book] = -1;
    if (first >= 0) this.#previousBook[first] = book;
    this.#firstBook[stream] = book;
  }

  detach(book: number): void {
    const words = this.#table.words;
    const stream = words[(book << LINE_SHIFT) + B_STREAM]!;
    if (stream < 0) return;
    const next = this.#nextBook[book]!;
    const previous = this.#previousBook[book]!;
    if (previous >= 0) this.#nextBook[previous] = next;
    else this.#firstBook[stream] = next;
    if (next >= 0) this.#previousBook[next] = previous;
    words[(book << LINE_SHIFT) + B_STREAM] = -1;
  }

  /** First book a stream makes; -1 = none. Walk on with `nextBook`. */
  firstBook(stream: number): number {
    return this.#firstBook[stream]!;
  }

  nextBook(book: number): number {
    return this.#nextBook[book]!;
  }

  #growStreams(stream: number): void {
    const capacity = grownCapacity(this.#capacity, stream + 1, MAX_STREAMS);
    this.#lastSeq = grownFloat64(this.#lastSeq, capacity, -1);
    this.#frameSeq = grownFloat64(this.#frameSeq, capacity, -1);
    this.#gapFrom = grownFloat64(this.#gapFrom, capacity, -1);
    this.#gapTo = grownFloat64(this.#gapTo, capacity, -1);
    this.provedAt = grownFloat64(this.provedAt, capacity, 0);
    this.#frame = grownInt32(this.#frame, capacity, -1);
    this.#verdict = grownInt32(this.#verdict, capacity, 0);
    this.#unjudged = grownInt32(this.#unjudged, capacity, 0);
    this.#firstBook = grownInt32(this.#firstBook, capacity, -1);
    this.#capacity = capacity;
  }
}
