import { z } from "zod";
import {
  ASK,
  BID,
  type Level,
  type Lots,
  type ObservedBook,
  POLL_CONNECTION,
  type PollOutcome,
  parseScaled,
  type SessionEnv,
  type Side,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE, SIZE_DIGITS } from "../scales.ts";
import { type Answer, type Rest, readBody } from "./rest.ts";

/** A book has up to some hundred levels of about 30 bytes. */
const BYTES_PER_BOOK = 65_536;
const MAX_BYTES = 64 * 1_048_576;

const WireLevels = z.array(z.object({ price: z.string(), size: z.string() }));
const WireBook = z.object({ asset_id: z.string(), bids: WireLevels, asks: WireLevels });

type Purpose = "poll" | "resync";

/**
 * Asks for order books by `POST /books`. The venue leaves unknown tokens out and keeps no order, so an answer may have
 * fewer books than were asked for.
 */
export class Poller {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  readonly #batch: number;
  /** Ends of what is under way, called when the session is closed first. */
  readonly #abandon = new Set<() => void>();
  #opened = false;
  #ended = false;

  constructor(env: SessionEnv, rest: Rest, batch: number) {
    this.#env = env;
    this.#rest = rest;
    this.#batch = batch;
  }

  /** Every answer goes to the feed as it came. @param done called once, after the last request. */
  poll(tokens: readonly string[], purpose: Purpose, done: (outcome: PollOutcome) => void): void {
    let books = 0;
    let failed: Extract<PollOutcome, { ok: false }> | null = null;
    const take = (answer: Answer): void => {
      const outcome = this.#fed(answer);
      if (outcome.ok) books += outcome.books;
      else failed = outcome;
    };
    this.#ask(tokens, purpose, take, (complete) => {
      if (complete) done(failed ?? { ok: true, books });
      else done({ ok: false, reason: "feed.shed", retryAfterMicros: null });
    });
  }

  /** The books as REST shows them, not fed; null when one of the requests gave nothing or a book cannot be read. */
  observe(tokens: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    let seen: ObservedBook[] | null = [];
    const take = (answer: Answer): void => {
      const books = answer.ok ? readBooks(answer.body) : null;
      seen = books === null || seen === null ? null : [...seen, ...books];
    };
    this.#ask(tokens, "poll", take, (complete) => done(complete ? seen : null));
  }

  /** Nothing more is waited for. */
  end(): void {
    this.#ended = true;
    for (const abandon of [...this.#abandon]) abandon();
    if (this.#opened) this.#env.feed.connection(POLL_CONNECTION, "lost", this.#env.clock.now());
    this.#opened = false;
  }

  #ask(
    tokens: readonly string[],
    purpose: Purpose,
    take: (answer: Answer) => void,
    done: (complete: boolean) => void,
  ): void {
    let open = Math.ceil(tokens.length / this.#batch);
    const finish = (complete: boolean): void => {
      if (this.#abandon.delete(abandon)) done(complete);
    };
    const abandon = (): void => finish(false);
    this.#abandon.add(abandon);
    if (this.#ended || open === 0) {
      finish(!this.#ended);
      return;
    }
    for (let from = 0; from < tokens.length; from += this.#batch) {
      const some = tokens.slice(from, from + this.#batch);
      const call = {
        host: "clob",
        method: "POST",
        path: "/books",
        rateClass: "books",
        purpose,
        body: JSON.stringify(some.map((token) => ({ token_id: token }))),
        maxBytes: Math.min(MAX_BYTES, some.length * BYTES_PER_BOOK),
      } as const;
      this.#rest.call(call, (answer) => {
        if (!this.#abandon.has(abandon)) return;
        take(answer);
        if (--open === 0) finish(true);
      });
    }
  }

  #fed(answer: Answer): PollOutcome {
    if (!answer.ok) {
      const { reason, retryAfterMicros } = answer.failure;
      return { ok: false, reason, retryAfterMicros };
    }
    const { body, at } = answer;
    if (body.length > this.#env.maxFrameBytes)
      return { ok: false, reason: "wire.too_large", retryAfterMicros: null };
    if (!this.#opened) this.#env.feed.connection(POLL_CONNECTION, "opened", at);
    this.#opened = true;
    this.#env.feed.frame(POLL_CONNECTION, at, body, 0, body.length);
    return { ok: true, books: countBooks(body) };
  }
}

/** Books of an answer: each names its token once. */
function countBooks(body: Uint8Array): number {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length);
  let books = 0;
  for (let at = text.indexOf('"asset_id"'); at !== -1; at = text.indexOf('"asset_id"', at + 1)) books++;
  return books;
}

function readBooks(body: Uint8Array): readonly ObservedBook[] | null {
  const books = z.array(WireBook).safeParse(readBody(body)).data;
  if (books === undefined) return null;
  const observed: ObservedBook[] = [];
  for (const book of books) {
    const bids = levelsOf(book.bids, BID);
    const asks = levelsOf(book.asks, ASK);
    if (bids === null || asks === null) return null;
    observed.push({ symbol: book.asset_id, bids, asks });
  }
  return observed;
}

/** Best first; null when a number is no exact decimal in range. */
function levelsOf(wire: z.infer<typeof WireLevels>, side: Side): readonly Level[] | null {
  const levels: Level[] = [];
  for (const { price, size } of wire) {
    const ticks = parseScaled(price, PRICE_DIGITS);
    const lots = parseScaled(size, SIZE_DIGITS);
    if (ticks === null || lots === null || ticks <= 0 || ticks >= PRICE_ONE || lots < 0) return null;
    if (lots > 0) levels.push({ ticks: ticks as Ticks, lots: lots as Lots });
  }
  return levels.sort((a, b) => (side === BID ? b.ticks - a.ticks : a.ticks - b.ticks));
}
