import { z } from "zod";
import {
  BID,
  FLAG_FRAME_END,
  FLAG_POLL,
  Kind,
  type MapperEnv,
  type Micros,
  POLL_CONNECTION,
  type Reason,
  reasonNumber,
  type Side,
} from "../../src/contracts/index.ts";
import type { BookIndex } from "./book-index.ts";
import { nestsDeeperThan } from "./json-guard.ts";
import { symbolSchema } from "./oracle-schema.ts";
import { legLevels, type PolledLevel } from "./recordings/poll.ts";

/** Answers nest five deep (list, book, sides, side, level). */
const MAX_DEPTH = 16;
/** The venue answers for 100 tickers at most. */
const MAX_BOOKS = 1_000;
/** Poll connections remembered. */
const MAX_STREAMS = 1_024;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const ladder = z.array(z.tuple([z.string().max(32), z.string().max(32)])).nullish();
const answerSchema = z.object({ orderbooks: z.array(z.unknown()).max(MAX_BOOKS) });
const bookSchema = z.object({
  ticker: symbolSchema,
  orderbook_fp: z.object({ yes_dollars: ladder, no_dollars: ladder }),
});
const namedSchema = z.object({ ticker: symbolSchema });

/** One book of a poll answer; `levels` null with the reason why it cannot be used. `symbol` null: not even named. */
export type PolledBook =
  | { readonly symbol: string; readonly levels: readonly PolledLevel[]; readonly refusal: null }
  | { readonly symbol: string | null; readonly levels: null; readonly refusal: Reason };

/**
 * Reads the body of `GET /markets/orderbooks`: bids of both legs per market, either side absent when it is empty.
 * @returns the reason when the body as a whole is no such answer.
 */
export function readPolledBooks(
  bytes: Uint8Array,
  start: number,
  end: number,
):
  | { readonly ok: true; readonly books: readonly PolledBook[] }
  | { readonly ok: false; readonly reason: Reason } {
  if (nestsDeeperThan(bytes, start, end, MAX_DEPTH)) return { ok: false, reason: "wire.too_deep" };
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes.subarray(start, end)));
  } catch {
    return { ok: false, reason: "wire.unreadable" };
  }
  const answer = answerSchema.safeParse(value);
  if (!answer.success) return { ok: false, reason: "wire.missing_field" };
  const seen = new Set<string>();
  return { ok: true, books: answer.data.orderbooks.map((entry) => readBook(entry, seen)) };
}

function readBook(entry: unknown, seen: Set<string>): PolledBook {
  const parsed = bookSchema.safeParse(entry);
  if (!parsed.success || hasForeignSide(entry)) {
    const named = namedSchema.safeParse(entry);
    return { symbol: named.success ? named.data.ticker : null, levels: null, refusal: "wire.missing_field" };
  }
  const { ticker: symbol, orderbook_fp: sides } = parsed.data;
  if (seen.has(symbol)) return { symbol, levels: null, refusal: "wire.duplicate_key" };
  seen.add(symbol);
  const levels = legLevels(sides.yes_dollars ?? [], sides.no_dollars ?? []);
  return levels === null
    ? { symbol, levels: null, refusal: "wire.bad_number" }
    : { symbol, levels, refusal: null };
}

/** Sides under other names, as older formats have them: reading them as absent would show an empty book. */
function hasForeignSide(entry: unknown): boolean {
  const keys = Object.keys((entry as { readonly orderbook_fp: object }).orderbook_fp);
  return ["yes", "no"].some(
    (leg) => keys.some((key) => key.startsWith(leg)) && !keys.includes(`${leg}_dollars`),
  );
}

interface Held {
  readonly kind: Kind;
  readonly side: Side;
  readonly book: number;
  readonly ticks: number;
  readonly lots: number;
}

/**
 * Poll answers -> facts. One unjudged stream per poll connection; a whole answer is one frame. A book that the answer
 * does not name stays as it is; one that cannot be read becomes invalid; an answer that cannot be read changes nothing.
 */
export class PollAnswers {
  readonly #env: MapperEnv;
  readonly #books: BookIndex;
  readonly #streams = new Map<number, number>();
  #held: Held | null = null;
  #stream = -1;
  #at = 0;

  constructor(env: MapperEnv, books: BookIndex) {
    this.#env = env;
    this.#books = books;
  }

  frame(connection: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    this.#at = recvAt;
    this.#stream = this.#open(connection);
    if (this.#stream === -1) {
      this.#mark(Kind.REJECT, "book.overflow", -1);
    } else if (end - start > this.#env.maxFrameBytes) {
      this.#mark(Kind.REJECT, "wire.too_large", -1);
    } else {
      const answer = readPolledBooks(bytes, start, end);
      if (answer.ok) for (const book of answer.books) this.#book(book);
      else this.#mark(Kind.REJECT, answer.reason, -1);
    }
    this.#emit(FLAG_POLL | FLAG_FRAME_END);
  }

  /** The poll connection is given up: nothing more comes on its stream. */
  lost(connection: number, at: Micros): void {
    const stream = this.#streams.get(connection);
    if (stream === undefined) return;
    this.#streams.delete(connection);
    this.#env.sink.object({ kind: "stream.closed", stream, reason: "polling ended" }, at);
  }

  #book({ symbol, levels, refusal }: PolledBook): void {
    if (levels === null) {
      const known = symbol === null ? -1 : this.#books.known(symbol);
      this.#mark(Kind.REJECT, refusal, known);
      if (known !== -1) this.#mark(Kind.INVALID, "book.unreadable", known);
      return;
    }
    const book = this.#books.named(symbol, this.#at);
    if (book === -1) {
      this.#mark(Kind.REJECT, "wire.unknown_symbol", -1);
      return;
    }
    this.#put({ kind: Kind.SNAPSHOT_BEGIN, side: BID, book, ticks: -1, lots: -1 });
    for (const level of levels) this.#put({ kind: Kind.SNAPSHOT_LEVEL, book, ...level });
    this.#put({ kind: Kind.SNAPSHOT_END, side: BID, book, ticks: -1, lots: -1 });
  }

  #mark(kind: Kind, reason: Reason, book: number): void {
    this.#put({ kind, side: BID, book, ticks: reasonNumber(reason), lots: -1 });
  }

  /** Only the next record tells whether the one before was the last of its frame. */
  #put(record: Held): void {
    this.#emit(FLAG_POLL);
    this.#held = record;
  }

  #emit(flags: number): void {
    if (this.#held === null) {
      if ((flags & FLAG_FRAME_END) === 0) return;
      this.#held = {
        kind: Kind.REJECT,
        side: BID,
        book: -1,
        ticks: reasonNumber("wire.no_content"),
        lots: -1,
      };
    }
    const { kind, side, book, ticks, lots } = this.#held;
    this.#env.sink.put(kind, side, flags, book, ticks, this.#stream, lots, this.#at, 0, -1);
    this.#held = null;
  }

  #open(connection: number): number {
    const known = this.#streams.get(connection);
    if (known !== undefined) return known;
    if (this.#streams.size >= MAX_STREAMS) return -1;
    const label = `poll ${connection - POLL_CONNECTION}`;
    const stream = this.#env.openStream(label, false, "polled: no sequence numbers", this.#at as Micros);
    this.#streams.set(connection, stream);
    return stream;
  }
}
