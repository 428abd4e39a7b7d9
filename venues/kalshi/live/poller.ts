import {
  ASK,
  BID,
  type Level,
  type Lots,
  type ObservedBook,
  POLL_CONNECTION,
  type PollOutcome,
  type SessionEnv,
  type Side,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { readPolledBooks } from "../poll-answer.ts";
import type { PolledLevel } from "../recordings/poll.ts";
import type { Answer, Rest } from "./rest.ts";

/** Tickers the venue takes in one request. */
export const POLL_BATCH = 100;
/** Longest address asked for; proxies refuse longer ones. */
const MAX_PATH = 7_000;
const TIMEOUT_MICROS = 10_000_000;
const BOOK_KEY = new TextEncoder().encode('"orderbook_fp"');

type Purpose = "poll" | "resync";
/** Answers to resyncs have a stream of their own. */
const CONNECTIONS: Readonly<Record<Purpose, number>> = { poll: POLL_CONNECTION, resync: POLL_CONNECTION + 1 };

/** Asks for order books over REST, 100 at a time. */
export class Poller {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  /** Ends of what is under way, called when the session is closed first. */
  readonly #abandon = new Set<() => void>();

  constructor(env: SessionEnv, rest: Rest) {
    this.#env = env;
    this.#rest = rest;
  }

  /** Every answer goes to the feed as it came. @param done called once, after the last request. */
  poll(symbols: readonly string[], purpose: Purpose, done: (outcome: PollOutcome) => void): void {
    let books = 0;
    let failed: Extract<PollOutcome, { ok: false }> | null = null;
    const take = (answer: Answer): void => {
      const outcome = this.#fed(answer, purpose);
      if (outcome.ok) books += outcome.books;
      else failed = outcome;
    };
    this.#all(symbols, purpose, take, (complete) => {
      if (complete) done(failed ?? { ok: true, books });
      else done({ ok: false, reason: "feed.shed", retryAfterMicros: null });
    });
  }

  /** The books as REST shows them, not fed; null when one of the requests gave nothing. */
  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    let seen: ObservedBook[] | null = [];
    const take = (answer: Answer): void => {
      const books = answer.ok ? observed(answer.body) : null;
      seen = books === null || seen === null ? null : [...seen, ...books];
    };
    this.#all(symbols, "poll", take, (complete) => done(complete ? seen : null));
  }

  /** Nothing more is waited for. */
  end(): void {
    for (const abandon of [...this.#abandon]) abandon();
  }

  /** One request per batch; a batch whose answer is too large is asked for in halves. */
  #all(
    symbols: readonly string[],
    purpose: Purpose,
    take: (answer: Answer) => void,
    done: (complete: boolean) => void,
  ): void {
    let open = 0;
    const abandon = (): void => finish(false);
    const finish = (complete: boolean): void => {
      if (this.#abandon.delete(abandon)) done(complete);
    };
    const ask = (batch: readonly string[]): void => {
      open++;
      this.#ask(batch, purpose, (answer) => {
        const tooLarge = !answer.ok && answer.failure.code === "too_large";
        if (tooLarge && batch.length > 1) {
          const half = batch.length >> 1;
          ask(batch.slice(0, half));
          ask(batch.slice(half));
        } else take(answer);
        if (--open === 0) finish(true);
      });
    };
    this.#abandon.add(abandon);
    const batches = batchesOf(symbols);
    for (const batch of batches) ask(batch);
    if (batches.length === 0) finish(true);
  }

  #fed(answer: Answer, purpose: Purpose): PollOutcome {
    if (!answer.ok) {
      const { reason, retryAfterMicros } = answer.failure;
      return { ok: false, reason, retryAfterMicros };
    }
    const { body } = answer;
    const books = countOf(body, BOOK_KEY);
    this.#env.feed.frame(CONNECTIONS[purpose], answer.at, body, 0, body.length);
    if (books > 0 || isEmptyAnswer(body)) return { ok: true, books };
    return { ok: false, reason: "feed.shape", retryAfterMicros: null };
  }

  #ask(batch: readonly string[], purpose: Purpose, answered: (answer: Answer) => void): void {
    const { maxFrameBytes: maxBytes } = this.#env;
    const path = pathOf(batch);
    this.#rest.call({ method: "GET", path, purpose, maxBytes, timeoutMicros: TIMEOUT_MICROS }, answered);
  }
}

/** Tickers are repeated, not joined: joined ones are answered with one empty book of that name. */
function pathOf(batch: readonly string[]): string {
  return `/markets/orderbooks?${batch.map((symbol) => `tickers=${encodeURIComponent(symbol)}`).join("&")}`;
}

function batchesOf(symbols: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const symbol of new Set(symbols)) {
    const last = batches.at(-1);
    length += encodeURIComponent(symbol).length + 9;
    if (last === undefined || last.length >= POLL_BATCH || length > MAX_PATH) {
      batches.push([symbol]);
      length = symbol.length + 40;
    } else last.push(symbol);
  }
  return batches;
}

function observed(body: Uint8Array): readonly ObservedBook[] | null {
  const answer = readPolledBooks(body, 0, body.length);
  if (!answer.ok) return null;
  return answer.books.flatMap(({ symbol, levels }) =>
    symbol === null || levels === null
      ? []
      : [{ symbol, bids: sideOf(levels, BID), asks: sideOf(levels, ASK) }],
  );
}

function sideOf(levels: readonly PolledLevel[], side: Side): readonly Level[] {
  return levels
    .filter((level) => level.side === side)
    .sort((a, b) => (side === BID ? b.ticks - a.ticks : a.ticks - b.ticks))
    .map(({ ticks, lots }) => ({ ticks: ticks as Ticks, lots: lots as Lots }));
}

/** How often a text occurs in a body; tells how many books it holds without reading them twice. */
function countOf(body: Uint8Array, text: Uint8Array): number {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let count = 0;
  for (let at = buffer.indexOf(text); at !== -1; at = buffer.indexOf(text, at + text.length)) count++;
  return count;
}

function isEmptyAnswer(body: Uint8Array): boolean {
  const answer = readPolledBooks(body, 0, body.length);
  return answer.ok && answer.books.length === 0;
}
