import {
  ASK,
  BID,
  type BookId,
  type Micros,
  type ObservedBook,
  POLL_CONNECTION,
  type Reason,
  type VenueSession,
} from "../../contracts/index.ts";
import type { Replica } from "../../core/market/replica.ts";
import { CoverageWatch, DEFAULT_COVERAGE } from "../../feed/health/coverage.ts";
import { DEFAULT_DEGRADED, DegradedMode } from "../../feed/health/degraded.ts";
import { DEFAULT_RECONCILE, Reconciler, type StreamedBook } from "../../feed/health/reconcile.ts";
import { DEFAULT_RESYNC, ResyncPlanner } from "../../feed/health/resync.ts";
import { StreamWatch } from "../../feed/health/stream-watch.ts";
import { DEFAULT_STREAM_WATCH } from "../../feed/health/stream-watch-options.ts";
import { readCoverage } from "./coverage-reading.ts";
import { VenueSlo } from "./venue-slo.ts";

const LOOK_MICROS = 1_000_000;
const MAX_FETCH = 500;
const MAX_OBSERVED = 20;
/** Whole books: a change that was lost deep in a book shows nowhere else until it comes to the top. */
const RECONCILE = { ...DEFAULT_RECONCILE, depth: 1_000 };
/** So many divergences within this time cast doubt on connections that brought nothing for a while. */
const DOUBTS = 3;
const DOUBT_MICROS = 20_000_000;
const QUIET_MICROS = 3_000_000;

export interface VenueWatchParts {
  readonly session: VenueSession;
  readonly replica: Replica;
  /** Books that are watched, by number, and their symbols. */
  readonly books: () => Iterable<BookId>;
  readonly symbolOf: (book: number) => string | undefined;
  readonly bookOf: (symbol: string) => BookId | undefined;
  readonly repairMicros: number;
  /** 0 = never. */
  readonly reconcileMicros: number;
  /** Share of the books that must be usable, 0 to 1. */
  readonly minCoverage: number;
  /** Quotes that are older are not used; most of them should be younger. */
  readonly maxQuoteAgeMicros: number;
  /** Ends a connection; the session opens it anew. */
  readonly reconnect: (connection: number) => void;
  readonly refused: (reason: Reason, detail: string) => void;
  readonly note: (stage: string, detail: string) => void;
  readonly degraded: (on: boolean, reason: Reason) => void;
}

export interface VenueUse {
  readonly wanted: number;
  readonly usable: number;
}

/** The watchdogs of one venue at work: what they find is repaired, and said. */
export class VenueWatch {
  readonly reconciler: Reconciler | null;
  readonly #parts: VenueWatchParts;
  readonly #streams = new StreamWatch(DEFAULT_STREAM_WATCH);
  readonly #degraded = new DegradedMode(DEFAULT_DEGRADED);
  readonly #coverage: CoverageWatch;
  readonly #resync = new ResyncPlanner(DEFAULT_RESYNC);
  /** Books in trouble; true = fetched anew, and not seen exact since. */
  readonly #troubled = new Map<number, boolean>();
  readonly #lastBytes = new Map<number, number>();
  /** Last message with content by open connection, and when streamed books were last found to differ. */
  readonly #messages = new Map<number, number>();
  #diverged: number[] = [];
  readonly #slo: VenueSlo;
  #degradedReason: Reason | null = null;
  #isDegraded = false;
  #gapAt = -1;
  #repairAt = 0;
  #lookAt = 0;
  #use: VenueUse = { wanted: 0, usable: 0 };

  constructor(parts: VenueWatchParts) {
    this.#parts = parts;
    const { reconcileMicros, minCoverage, maxQuoteAgeMicros } = parts;
    this.#coverage = new CoverageWatch({
      ...DEFAULT_COVERAGE,
      repairBelow: minCoverage,
      soundFrom: (1 + minCoverage) / 2,
    });
    this.#slo = new VenueSlo(parts.replica, maxQuoteAgeMicros);
    this.reconciler =
      reconcileMicros === 0 ? null : new Reconciler({ ...RECONCILE, perSecond: 1_000_000 / reconcileMicros });
  }

  /** Watched books that are open, and those of them that are exact and fresh; as of the last look. */
  get use(): VenueUse {
    return this.#use;
  }

  get isDegraded(): boolean {
    return this.#isDegraded;
  }

  /** One frame with content arrived on a connection and was judged in so many microseconds. */
  frame(connection: number, at: Micros, judgedMicros: number): void {
    this.#slo.judged(judgedMicros, at);
    if (connection >= POLL_CONNECTION) return;
    this.#streams.message(connection, at, 1);
    this.#messages.set(connection, at);
  }

  connection(connection: number, state: "opened" | "lost", at: Micros): void {
    // Polls are asked for: their silence is no sign of anything.
    if (connection >= POLL_CONNECTION) return;
    if (state === "opened") this.#streams.opened(connection, at);
    else this.#streams.closed(connection, at, false);
    if (state === "opened") this.#messages.set(connection, at);
    else this.#messages.delete(connection);
  }

  added(book: number): void {
    if (this.#parts.session.streams) this.reconciler?.watch(book);
  }

  removed(book: number): void {
    this.reconciler?.unwatch(book);
    this.#resync.forget(book);
    this.#troubled.delete(book);
  }

  /** A book of this venue lost its validity. Lost connections and closed markets repair themselves, or not at all. */
  invalidated(book: number, reason: Reason, at: Micros): void {
    if (reason === "book.gap" && at !== this.#gapAt) {
      this.#gapAt = at;
      this.#streams.gap(at);
    }
    if (reason === "book.reconnect" || reason === "book.venue_close" || reason === "book.never_seen") return;
    // It was exact until now: what was fetched for it has arrived between two looks, and did not hold.
    if (this.#troubled.get(book) === true) this.#resync.good(book, at);
    this.#resync.invalidated(book, at);
    this.#troubled.set(book, false);
  }

  tick(now: Micros): void {
    if (now >= this.#repairAt) {
      this.#repairAt = now + this.#parts.repairMicros;
      this.#repair(now);
    }
    if (now < this.#lookAt) return;
    this.#lookAt = now + LOOK_MICROS;
    this.#watchStreams(now);
    this.#watchCoverage(now);
    this.#reconcile(now);
  }

  #repair(now: Micros): void {
    const { replica, session, refused } = this.#parts;
    for (const book of [...this.#troubled.keys()].filter((each) => replica.isExact(each))) {
      this.#troubled.set(book, false);
      this.#resync.good(book, now);
    }
    const { fetch, loops } = this.#resync.tick(now, MAX_FETCH);
    for (const { book, fetches } of loops)
      refused("feed.resync_loop", `${this.#parts.symbolOf(book) ?? book}: fetched ${fetches} times`);
    for (const book of fetch) this.#troubled.set(book, true);
    if (fetch.length > 0) session.resync(this.#symbols(fetch));
    if (this.#resync.size === 0 && this.#troubled.size > 0) this.#troubled.clear();
  }

  #watchStreams(now: Micros): void {
    for (const { connection, open, lastByteAt } of this.#parts.session.health().connections) {
      if (!open || lastByteAt <= (this.#lastBytes.get(connection) ?? 0)) continue;
      this.#lastBytes.set(connection, lastByteAt);
      this.#streams.byte(connection, lastByteAt);
    }
    for (const action of this.#streams.tick(now)) {
      if (action.kind === "reconnect") this.#parts.reconnect(action.stream);
      else if (action.kind === "fired") this.#parts.refused(action.reason, action.detail);
      else this.#parts.note(action.reason, `recovered ${action.stream ?? "venue"}`);
    }
  }

  #watchCoverage(now: Micros): void {
    const { replica, books, session, refused, note, degraded } = this.#parts;
    const reading = readCoverage(replica, books());
    this.#use = reading.books;
    for (const action of this.#coverage.observe(reading, now)) {
      switch (action.kind) {
        case "resync":
        case "resubscribe":
          session.resync(this.#symbols(action.books));
          break;
        case "poll":
          this.#poll(action.books);
          break;
        case "rediscover":
          session.rediscover();
          break;
        case "fired":
        case "loud":
          refused(action.reason, `${action.what}: ${action.usable} of ${action.wanted} usable`);
          break;
        case "recovered":
          note(action.reason, `${action.what}: ${action.usable} of ${action.wanted} usable again`);
      }
    }
    const { wanted, usable } = reading.books;
    const change = this.#degraded.observe(
      {
        queueShare: 0,
        suspectShare: this.#streams.size === 0 ? 0 : this.#streams.suspect / this.#streams.size,
        missingShare: wanted === 0 ? 0 : 1 - usable / wanted,
        gapRate: this.#streams.isOn("feed.gap_rate"),
        reconnectRate: this.#streams.isOn("feed.reconnect_rate"),
      },
      now,
    );
    if (change !== null) this.#degradedReason = change.on ? change.reason : null;
    this.#watchLatency(now);
    const reason = this.#degradedReason ?? (this.#slo.isSkipped ? "feed.slow" : null);
    if ((reason !== null) === this.#isDegraded) return;
    this.#isDegraded = reason !== null;
    degraded(this.#isDegraded, reason ?? change?.reason ?? "feed.slow");
  }

  #watchLatency(now: Micros): void {
    const { books, note, refused } = this.#parts;
    for (const { reason, detail } of this.#slo.look(books(), now)) {
      if (reason === null) note("feed.slow", detail);
      else refused(reason, detail);
    }
  }

  #poll(books: readonly number[]): void {
    const { session, refused } = this.#parts;
    const { pollBatch } = session;
    if (pollBatch === 0) return;
    for (let from = 0; from < books.length; from += pollBatch)
      session.poll(this.#symbols(books.slice(from, from + pollBatch)), "resync", (outcome) => {
        if (!outcome.ok) refused(outcome.reason, "poll of stale books");
      });
  }

  /** Asks for a few streamed books by request and compares, each with the book as it stood at both ends. */
  #reconcile(now: Micros): void {
    const { reconciler } = this;
    const { session } = this.#parts;
    if (reconciler === null || !session.streams) return;
    const books = reconciler.next(now, Math.min(MAX_OBSERVED, session.pollBatch || MAX_OBSERVED));
    const exact = books.filter((book) => this.#parts.replica.isExact(book));
    if (exact.length === 0) return;
    const before = new Map(exact.map((book) => [book, this.#ladders(book)]));
    session.observe(this.#symbols(exact), (observed) => {
      for (const polled of observed ?? []) this.#compare(reconciler, polled, before, now);
    });
  }

  #compare(
    reconciler: Reconciler,
    polled: ObservedBook,
    before: ReadonlyMap<number, StreamedBook>,
    now: Micros,
  ): void {
    const book = this.#parts.bookOf(polled.symbol);
    const was = book === undefined ? undefined : before.get(book);
    if (book === undefined || was === undefined || !this.#parts.replica.isExact(book)) return;
    const is = this.#ladders(book);
    const changes = JSON.stringify(is) === JSON.stringify(was) ? 0 : 1;
    const { verdict } = reconciler.compare(book, now, polled, is, 0, changes);
    if (verdict !== "diverged") return;
    this.#parts.refused("feed.divergence", polled.symbol);
    this.#parts.session.resync([polled.symbol]);
    this.#doubtStreams(now);
  }

  /** Books that differ one after the other while a connection brings nothing: it is the connection that is frozen. */
  #doubtStreams(now: Micros): void {
    this.#diverged = this.#diverged.filter((at) => now - at < DOUBT_MICROS);
    this.#diverged.push(now);
    if (this.#diverged.length < DOUBTS) return;
    this.#diverged = [];
    for (const [connection, at] of this.#messages) {
      if (now - at < QUIET_MICROS) continue;
      this.#parts.refused("feed.frozen", `connection ${connection}: silent while its books move`);
      this.#messages.set(connection, now);
      this.#parts.reconnect(connection);
    }
  }

  #ladders(book: number): StreamedBook {
    const { view } = this.#parts.replica;
    const { depth } = RECONCILE;
    return { bids: view.ladder(book as BookId, BID, depth), asks: view.ladder(book as BookId, ASK, depth) };
  }

  #symbols(books: readonly number[]): readonly string[] {
    return books.map((book) => this.#parts.symbolOf(book)).filter((symbol) => symbol !== undefined);
  }
}
