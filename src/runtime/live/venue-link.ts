import type {
  BookId,
  DiscoveryCache,
  ListedBook,
  Micros,
  Net,
  ObjectFact,
  OrderUpdate,
  Reason,
  Rng,
  SessionEnv,
  SessionHealth,
  Timers,
  VenueId,
  VenueLive,
  VenueSession,
} from "../../contracts/index.ts";
import type { Replica } from "../../core/market/replica.ts";
import { GovernedClient } from "../../feed/pacing/governed-client.ts";
import type { Intake } from "../intake.ts";
import { PollRound } from "./poll-round.ts";
import { SocketBook } from "./socket-book.ts";
import type { Startup } from "./startup.ts";
import { VenueWatch } from "./venue-watch.ts";
import { WatchList } from "./watch-list.ts";
import { WatchedBooks } from "./watched-books.ts";

/** What is outside one venue's connections: the network, what is configured, and who listens. */
export interface VenueLinkParts {
  readonly id: VenueId;
  /** Position among the run's venues. */
  readonly index: number;
  readonly live: VenueLive;
  readonly configured: ReturnType<VenueLive["configure"]>;
  readonly orders: "off" | "on";
  readonly net: Net;
  readonly hosts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly cache: DiscoveryCache;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly userAgent: string;
  readonly maxFrameBytes: number;
  readonly intake: Intake;
  readonly replica: Replica;
  readonly startup: Startup;
  readonly options: VenueLinkOptions;
  readonly events: VenueLinkEvents;
}

export interface VenueLinkOptions {
  readonly maxWatched: number;
  readonly maxPollAgeMicros: number;
  readonly rediscoverMicros: number;
  /** Bound on book numbers over all venues. */
  readonly maxBooks: number;
  readonly repairMicros: number;
  readonly reconcileMicros: number;
  readonly minCoverage: number;
  readonly maxQuoteAgeMicros: number;
}

export interface VenueLinkEvents {
  /** The run is over: nothing more becomes a fact. */
  ended(): boolean;
  /** An instant for what the venue sent: never before an instant that was already judged. */
  stamp(at: Micros): Micros;
  /** A frame of the venue at this position was judged. */
  frame(venue: number, judgedMicros: number): void;
  fact(fact: ObjectFact, at: Micros): void;
  refused(venue: VenueId, reason: Reason, detail: string): void;
  order(update: OrderUpdate): void;
}

/** Distance of looks at which watched books no stream carries; a subscription takes a moment. */
const SHARE_MICROS = 15_000_000;
/** One venue in a connected run: its session, its budget, what is watched there and what is polled. */
export class VenueLink {
  readonly id: VenueId;
  readonly session: VenueSession;
  readonly client: GovernedClient;
  readonly watch: WatchList;
  readonly polls: PollRound;
  readonly watchdogs: VenueWatch;
  readonly #sockets: SocketBook;
  readonly #parts: VenueLinkParts;
  readonly #watched = new WatchedBooks();
  #shareAt: number;
  #rediscoverAt = Number.POSITIVE_INFINITY;
  #status: "up" | "degraded" | "down" = "down";

  constructor(parts: VenueLinkParts) {
    const { id, live, clock, rng, net, configured, orders, options } = parts;
    this.id = id;
    this.#parts = parts;
    this.watch = new WatchList(options.maxWatched);
    this.#sockets = new SocketBook(net);
    this.client = new GovernedClient({
      net,
      clock,
      rng: rng.fork("pacing"),
      rates: live.rates,
      stress: (outcome) => live.stress(outcome),
    });
    this.session = configured(this.#env(), orders);
    this.polls = new PollRound({
      session: this.session,
      maxBooks: options.maxBooks,
      maxAgeMicros: options.maxPollAgeMicros,
      symbolOf: (book) => this.#watched.symbolOf(book) ?? "",
      refused: (reason, detail) => this.#parts.events.refused(id, reason, detail),
    });
    this.watchdogs = this.#watchdogs();
    this.#shareAt = clock.now() + SHARE_MICROS;
  }

  get status(): "up" | "degraded" | "down" {
    return this.#status;
  }

  start(): void {
    this.session.start();
  }

  health(): SessionHealth {
    return this.session.health();
  }

  /** Books that are watched, by number. */
  books(): IterableIterator<BookId> {
    return this.#watched.books();
  }

  symbolOf(book: number): string | undefined {
    return this.#watched.symbolOf(book);
  }

  get bookCount(): number {
    return this.#watched.size;
  }

  tick(now: Micros): void {
    this.#applyWatchList(now);
    if (now >= this.#rediscoverAt) {
      this.#rediscoverAt = now + this.#parts.options.rediscoverMicros;
      this.session.rediscover();
    }
    this.#share(now);
    this.polls.tick(now);
    this.watchdogs.tick(now);
  }

  /** What the machine can bear now: books watched here, and the share of the usual cadence of polls. */
  allow(maxWatched: number, pollShare: number): void {
    this.watch.limit(Math.min(maxWatched, this.#parts.options.maxWatched));
    this.polls.share = pollShare;
  }

  /** A position hangs on this book: it stays watched and is polled first. */
  pin(book: number): void {
    const symbol = this.#watched.symbolOf(book);
    if (symbol === undefined) return;
    this.watch.pin(symbol);
    this.polls.touch(book, "open_position", this.#parts.clock.now());
  }

  /** A book lost its validity; books of other venues are ignored. */
  invalidated(book: number, reason: Reason, at: Micros): void {
    if (this.#watched.symbolOf(book) !== undefined) this.watchdogs.invalidated(book, reason, at);
  }

  close(done: () => void): void {
    this.session.close(() => {
      this.client.close();
      done();
    });
  }

  /** What no stream carries is polled: everything without a key, and what is beyond a venue's subscriptions. */
  #share(now: Micros): void {
    if (now < this.#shareAt) return;
    this.#shareAt = now + SHARE_MICROS;
    for (const [symbol, book] of this.#watched.entries()) {
      const isPolled = this.polls.scheduler.has(book);
      const isStreamed = this.session.streams && this.#watched.isStreamed(symbol);
      if (isStreamed && isPolled) this.polls.remove(book);
      else if (!isStreamed && !isPolled) this.polls.add(book, this.watch.weight(symbol), now);
    }
  }

  #applyWatchList(now: Micros): void {
    const change = this.watch.update();
    if (change === null) return;
    for (const symbol of change.removed) this.#drop(symbol);
    for (const symbol of change.added) this.#add(symbol, now);
    this.session.watch(this.#watched.symbols());
  }

  #add(symbol: string, now: Micros): void {
    const { intake, index } = this.#parts;
    const book = this.#watched.add(symbol, intake.feed(index).symbols);
    if (book === undefined) return;
    if (!this.session.streams) this.polls.add(book, this.watch.weight(symbol), now);
    this.watchdogs.added(book);
  }

  #drop(symbol: string): void {
    const book = this.#watched.remove(symbol);
    if (book === undefined) return;
    this.polls.remove(book);
    this.watchdogs.removed(book);
  }

  #watchdogs(): VenueWatch {
    const { id, clock, replica, options, events } = this.#parts;
    return new VenueWatch({
      session: this.session,
      replica,
      books: () => this.#watched.books(),
      symbolOf: (book) => this.#watched.symbolOf(book),
      bookOf: (symbol) => this.#watched.bookOf(symbol),
      repairMicros: options.repairMicros,
      reconcileMicros: options.reconcileMicros,
      minCoverage: options.minCoverage,
      maxQuoteAgeMicros: options.maxQuoteAgeMicros,
      reconnect: (connection) => this.#sockets.close(connection),
      refused: (reason, detail) => events.refused(id, reason, detail),
      note: (stage, detail) =>
        events.fact({ kind: "feed.note", venue: id, stage, detail, tookMs: 0 }, clock.now()),
      degraded: (on, reason) => events.fact({ kind: "degraded.mode", on, scope: id, reason }, clock.now()),
    });
  }

  #env(): SessionEnv {
    const { id, index, hosts, secrets, clock, rng, cache, userAgent, maxFrameBytes, intake, events } =
      this.#parts;
    return {
      venue: id,
      hosts,
      secrets,
      clock,
      rng: rng.fork("session"),
      http: this.client,
      connect: (url, headers, handlers) => this.#sockets.connect(url, headers, handlers),
      cache,
      userAgent,
      maxFrameBytes,
      feed: {
        frame: (connection, recvAt, bytes, start, end) => {
          if (events.ended()) return;
          const at = events.stamp(recvAt);
          intake.frame(index, connection, at, bytes, start, end);
          const judgedMicros = clock.now() - at;
          this.watchdogs.frame(connection, at, judgedMicros);
          events.frame(index, judgedMicros);
        },
        connection: (connection, state, at) => {
          if (events.ended()) return;
          this.#sockets.connection(connection, state);
          const stamped = events.stamp(at);
          intake.connection(index, connection, state, stamped);
          this.watchdogs.connection(connection, state, stamped);
        },
        describe: (run) => {
          if (events.ended()) return;
          events.stamp(clock.now());
          intake.describe(index, ({ env }) => run(env));
        },
      },
      report: this.#report(),
    };
  }

  #report(): SessionEnv["report"] {
    const { id, clock, startup, events, options } = this.#parts;
    return {
      progress: (stage, done, total) => startup.progress(id, stage, done, total, clock.now()),
      failed: (stage, detail) => startup.fail(id, stage, detail),
      listed: (books: readonly ListedBook[]) => this.watch.listedBooks(books),
      discovered: () => {
        startup.end(id, "discovery", clock.now());
        this.#rediscoverAt = clock.now() + options.rediscoverMicros;
      },
      status: (status, reason) => {
        if (status === this.#status) return;
        this.#status = status;
        events.fact({ kind: "venue.status", venue: id, status, reason }, clock.now());
      },
      refused: (reason, detail) => events.refused(id, reason, detail),
      subscribed: (symbols, on) => {
        this.#watched.subscribed(symbols, on);
        if (on && symbols.length > 0) startup.end(id, "subscribe", clock.now());
      },
      order: (update) => events.order(update),
    };
  }
}
