import type { EmbeddedModule } from "./embedded.ts";
import type { Level } from "./lane.ts";
import type { Instrument, VenueId } from "./market.ts";
import type {
  Cancel,
  GovernedHttp,
  HttpOutcome,
  NetSocket,
  RateClass,
  SocketHandlers,
  Stress,
  Timers,
} from "./net.ts";
import type { Order, OrderId, OrderUpdate } from "./opportunity.ts";
import type { Rng } from "./ports.ts";
import type { Reason } from "./reasons.ts";
import type { Micros } from "./units.ts";
import type { MapperEnv } from "./venue.ts";

/**
 * Connection numbers of a venue from here on are answers to polls, not streams: the mapper marks their facts FLAG_POLL,
 * and no continuity is expected. Raw frames keep the number, so that a recording is mapped again the same way.
 */
export const POLL_CONNECTION = 50_000_000;

/** Stages of start-up, in order. */
export type StartStage = "auth" | "discovery" | "connect" | "subscribe";

/** A book that discovery found. */
export interface ListedBook {
  readonly symbol: string;
  /** False: listed, but not to be watched (closed, paused, no order book). */
  readonly open: boolean;
  /** Prior of how much is to be gained by looking: traded money of the last day in whole currency units. */
  readonly weight: number;
}

/** Where a session puts what the venue says. */
export interface SessionFeed {
  /** One received frame or poll answer, verbatim; recorded raw, then mapped. */
  frame(connection: number, recvAt: Micros, bytes: Uint8Array, start: number, end: number): void;
  connection(connection: number, state: "opened" | "lost", at: Micros): void;
  /** Runs something that announces metadata through the mapper's environment. */
  describe(run: (env: MapperEnv) => void): void;
}

/** What a session tells the shell about itself. All of it is counted; none of it throws. */
export interface SessionReport {
  progress(stage: StartStage, done: number, total: number | null): void;
  /** A stage cannot succeed (bad key, region, unknown version): start-up ends with this line. */
  failed(stage: StartStage, detail: string): void;
  /** Books found, as discovery goes on; again when one of them changed. */
  listed(books: readonly ListedBook[]): void;
  /** The catalogue was read to its end. */
  discovered(): void;
  status(status: "up" | "degraded" | "down", reason: string): void;
  refused(reason: Reason, detail: string): void;
  /** Of the stream that carries these symbols: they are really subscribed, or no longer. */
  subscribed(symbols: readonly string[], on: boolean): void;
  order(update: OrderUpdate): void;
}

/** Discovery pages kept from an earlier run, as the venue sent them. */
export interface DiscoveryCache {
  read(): { readonly at: Micros; readonly pages: readonly Uint8Array[] } | null;
  write(pages: readonly Uint8Array[], at: Micros): void;
}

export interface SessionEnv {
  readonly venue: VenueId;
  /** Base URLs by name, without a trailing slash. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly clock: Timers;
  readonly rng: Rng;
  readonly http: GovernedHttp;
  connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket;
  readonly feed: SessionFeed;
  readonly report: SessionReport;
  readonly cache: DiscoveryCache;
  /** Configured secrets by the names of `VenueLive.secrets`. Never logged. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly userAgent: string;
  readonly maxFrameBytes: number;
}

export type PollOutcome =
  | { readonly ok: true; readonly books: number }
  | { readonly ok: false; readonly reason: Reason; readonly retryAfterMicros: number | null };

/** A book as a poll showed it; on the book's own scale, best first. */
export interface ObservedBook {
  readonly symbol: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface ConnectionHealth {
  readonly connection: number;
  readonly open: boolean;
  readonly openedAt: Micros;
  /** Instant of the last byte, keep-alives included; 0 = none. */
  readonly lastByteAt: Micros;
  readonly symbols: number;
}

export interface SessionHealth {
  readonly connections: readonly ConnectionHealth[];
  /** Venue clock minus ours, from answers that state a date; null = not known. */
  readonly clockSkewMicros: number | null;
  readonly reconnects: number;
}

export type CancelAllOutcome =
  | { readonly ok: true; readonly cancelled: number; readonly at: Micros }
  /** The venue did not confirm; the orders count as open until it does. */
  | { readonly ok: false; readonly reason: Reason; readonly detail: string; readonly at: Micros };

/** Order entry of one venue. Only built when live trading is switched on. Every answer comes as `SessionReport.order`. */
export interface OrderGateway {
  /** Signs ahead what does not depend on the instant of sending. */
  prepare(order: Order, instrument: Instrument): void;
  /** The same order id twice is sent once. */
  submit(order: Order, instrument: Instrument): void;
  cancel(orderId: OrderId): void;
  /** Asks the venue what became of an order: answers `unknown` states. */
  query(orderId: OrderId): void;
  cancelAll(done: (outcome: CancelAllOutcome) => void): void;
}

/**
 * One venue's connections. Never blocks and never throws: every answer is a frame, a fact or a report.
 * It reconnects its own streams; which books are asked for, and when, the shell decides.
 */
export interface VenueSession {
  /** Connects and reads the catalogue. */
  start(): void;
  /** Reads the catalogue again. */
  rediscover(): void;
  /** True when books can come on a stream with what is configured. */
  readonly streams: boolean;
  /** The books wanted on streams: the whole set each time. */
  watch(symbols: readonly string[]): void;
  /** Most symbols of one poll; 0 = this venue cannot be polled. */
  readonly pollBatch: number;
  /** The least distance of two polls of one book that can show anything new. */
  readonly minPollMicros: number;
  /** Asks for these books once; they go to the feed as poll answers. `done` exactly once. */
  poll(symbols: readonly string[], purpose: "poll" | "resync", done: (outcome: PollOutcome) => void): void;
  /** Asks for these books once and hands them back without feeding them; null = no answer. */
  observe(symbols: readonly string[], done: (books: readonly ObservedBook[] | null) => void): void;
  /** The streamed books are in doubt: gets snapshots by the venue's cheapest means. */
  resync(symbols: readonly string[]): void;
  readonly gateway: OrderGateway | null;
  health(): SessionHealth;
  /** Ends everything; `done` once nothing is open any more. */
  close(done: () => void): void;
}

/** A secret by the name of its environment variable (`<name>`) or of a file (`<name>_FILE`, mode 600). */
export interface SecretSpec {
  readonly name: string;
  readonly about: string;
  /** What works with it and not without. */
  readonly unlocks: "stream" | "account" | "orders";
}

/** One public request whose answer is compared with the shape the adapter reads. */
export interface Probe {
  readonly id: string;
  readonly about: string;
  /** Name of a host. */
  readonly host: string;
  /** Null: an earlier probe did not learn what this one needs. `learned` is shared by a venue's probes, in order. */
  request(
    learned: Map<string, string>,
  ): { readonly method: "GET" | "POST"; readonly path: string; readonly body: string | null } | null;
  /** Every difference from what is expected; empty = as expected. Never throws. */
  check(outcome: HttpOutcome, learned: Map<string, string>): readonly ShapeDrift[];
}

export interface ShapeDrift {
  /** Where, e.g. `events[].markets[].clobTokenIds`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** False: an unknown field or value that is ignored; true: the adapter would refuse the payload. */
  readonly breaks: boolean;
}

/** What makes a venue connectable. */
export interface VenueLive {
  /** Public base URLs by name. An embedded venue serves the same paths under another origin. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly rates: readonly RateClass[];
  readonly secrets: readonly SecretSpec[];
  readonly probes: readonly Probe[];
  stress(outcome: HttpOutcome): Stress;
  /**
   * Reads the `session` block of a profile.
   * @throws Error whose message names the field, what was expected and what was found.
   */
  configure(options: unknown): (env: SessionEnv, orders: "off" | "on") => VenueSession;
  readonly embedded: EmbeddedModule;
}

/** For sessions that hold several cancels. */
export function cancelAllOf(cancels: readonly (Cancel | null)[]): void {
  for (const cancel of cancels) cancel?.();
}
