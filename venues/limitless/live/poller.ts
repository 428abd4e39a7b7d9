import {
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
import { readExact, textOf } from "../json.ts";
import { readBook, type WireLevel } from "../messages.ts";
import type { Directory } from "./directory.ts";
import type { Answer, Rest } from "./rest.ts";

/** A book has some hundred levels of about 40 bytes. */
const MAX_BOOK_BYTES = 1_048_576;

type Purpose = "poll" | "resync";
/** Answers to resyncs have a stream of their own. */
const CONNECTIONS: Readonly<Record<Purpose, number>> = { poll: POLL_CONNECTION, resync: POLL_CONNECTION + 1 };

/** Asks for order books by `GET /markets/{slug}/orderbook`: one book a request. */
export class Poller {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  readonly #directory: Directory;
  /** Ends of what is under way, called when the session is closed first. */
  readonly #abandon = new Set<() => void>();
  readonly #opened = new Set<number>();

  constructor(env: SessionEnv, rest: Rest, directory: Directory) {
    this.#env = env;
    this.#rest = rest;
    this.#directory = directory;
  }

  /** Every answer goes to the feed as it came. @param done called once, after the last request. */
  poll(symbols: readonly string[], purpose: Purpose, done: (outcome: PollOutcome) => void): void {
    let books = 0;
    let failed: PollOutcome | null = null;
    const take = (answer: Answer): void => {
      const outcome = this.#fed(answer, CONNECTIONS[purpose]);
      if (outcome.ok) books += outcome.books;
      else failed = outcome;
    };
    this.#ask(symbols, purpose, take, (complete) => {
      if (complete) done(failed ?? { ok: true, books });
      else done({ ok: false, reason: "feed.shed", retryAfterMicros: null });
    });
  }

  /** The books as REST shows them, not fed; null when one of them could not be read. */
  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void {
    const seen: ObservedBook[] = [];
    const take = (answer: Answer): void => {
      const book = answer.ok ? observed(answer.body) : null;
      if (book !== null) seen.push(book);
    };
    this.#ask(symbols, "poll", take, (complete) =>
      done(complete && seen.length === symbols.length ? seen : null),
    );
  }

  /** Nothing more is waited for. */
  end(): void {
    for (const abandon of [...this.#abandon]) abandon();
    for (const connection of this.#opened)
      this.#env.feed.connection(connection, "lost", this.#env.clock.now());
    this.#opened.clear();
  }

  #ask(
    symbols: readonly string[],
    purpose: Purpose,
    take: (answer: Answer) => void,
    done: (complete: boolean) => void,
  ): void {
    let open = 1;
    const finish = (complete: boolean): void => {
      if (this.#abandon.delete(abandon)) done(complete);
    };
    const abandon = (): void => finish(false);
    const answered = (): void => {
      if (--open === 0) finish(true);
    };
    this.#abandon.add(abandon);
    for (const symbol of symbols) {
      const slug = this.#directory.slugOf(symbol);
      if (slug === undefined) {
        take(UNKNOWN);
        continue;
      }
      open++;
      this.#rest.get(`/markets/${encodeURIComponent(slug)}/orderbook`, purpose, MAX_BOOK_BYTES, (answer) => {
        if (!this.#abandon.has(abandon)) return;
        take(answer);
        answered();
      });
    }
    answered();
  }

  #fed(answer: Answer, connection: number): PollOutcome {
    if (!answer.ok) {
      const { reason, retryAfterMicros } = answer.failure;
      return { ok: false, reason, retryAfterMicros };
    }
    const { body, at } = answer;
    const { feed } = this.#env;
    if (!this.#opened.has(connection)) feed.connection(connection, "opened", at);
    this.#opened.add(connection);
    feed.frame(connection, at, body, 0, body.length);
    return observed(body) === null
      ? { ok: false, reason: "feed.shape", retryAfterMicros: null }
      : { ok: true, books: 1 };
  }
}

const UNKNOWN: Answer = {
  ok: false,
  failure: {
    reason: "feed.not_found",
    status: 0,
    detail: "not listed",
    retry: false,
    retryAfterMicros: null,
  },
};

function observed(body: Uint8Array): ObservedBook | null {
  const text = textOf(body, 0, body.length);
  const read = text === null ? "wire.unreadable" : readExact(text);
  const book = typeof read === "string" ? null : readBook(read.value);
  if (book === null || "reason" in book) return null;
  return { symbol: book.tokenId, bids: sideOf(book.levels, 0), asks: sideOf(book.levels, 1) };
}

function sideOf(levels: readonly WireLevel[], side: Side): readonly Level[] {
  return levels
    .filter((level) => level.side === side)
    .sort((a, b) => (side === BID ? b.ticks - a.ticks : a.ticks - b.ticks))
    .map(({ ticks, lots }) => ({ ticks: ticks as Ticks, lots: lots as Lots }));
}
