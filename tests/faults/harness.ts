import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import {
  ASK,
  BID,
  type BookId,
  type ObjectFact,
  type Reason,
  type RunSummary,
  type VenueId,
} from "../../src/contracts/index.ts";
import { LANES } from "../../src/registry.gen.ts";
import {
  type ConnectedRoom,
  type ConnectedRunResult,
  connectedRun,
} from "../../src/runtime/live/connected-run.ts";
import { readCoverage } from "../../src/runtime/live/coverage-reading.ts";
import { type EmbeddedStack, openLoopbackStack } from "../../src/runtime/live/embedded-stack.ts";
import type { VenueLink } from "../../src/runtime/live/venue-link.ts";
import type { FaultGate } from "../../src/sim/embedded/faults/fault-gate.ts";
import type { MatchingExchange } from "../../src/sim/embedded/matching-exchange.ts";
import type { SkewedTimers } from "../../src/sim/net/skewed-timers.ts";
import { SeededRng } from "../../src/sim/rng.ts";
import { faultProfile, type ProfileChanges } from "./fault-profile.ts";
import { HurriedTimers } from "./hurried-timers.ts";
import { factsOf } from "./journal-facts.ts";
import { ProbeOrders } from "./probe-orders.ts";
import { Traffic } from "./traffic.ts";
import { VenueTaps } from "./venue-taps.ts";
import { FAULT_VENUES, moduleOf } from "./venues.ts";

const LOOK_MS = 4;
/** Real time within which anything a test waits for must happen. */
const PATIENCE_MS = 45_000;
const DRAIN_MS = 2_000;
const FOREVER_MICROS = 1e12;

export interface FaultRunOptions extends ProfileChanges {
  readonly orders?: "off" | "on";
  /** Before the run begins: faults that strike from the start. */
  readonly before?: (stack: EmbeddedStack, skews: ReadonlyMap<VenueId, SkewedTimers>) => void;
}

export interface FaultRunEnd {
  readonly summary: RunSummary;
  /** Object facts of the journal, in order. */
  readonly facts: readonly ObjectFact[];
}

/** A canary run against embedded venues over real sockets, with everything a test may break within reach. */
export class FaultRun {
  readonly dir = mkdtempSync(join(tmpdir(), "emp-faults-"));
  readonly clock: HurriedTimers;
  readonly traffic = new Traffic();
  readonly probes = new ProbeOrders();
  readonly taps = new VenueTaps(this.probes);
  stack!: EmbeddedStack;
  room!: ConnectedRoom;
  readonly #options: FaultRunOptions;
  readonly #socketsBefore = openSockets();
  #ending: Promise<ConnectedRunResult> | null = null;
  #error: unknown = null;
  #stopped = false;

  constructor(options: FaultRunOptions) {
    this.#options = options;
    this.clock = new HurriedTimers(options.speed ?? 1);
  }

  /** The run ended by itself. */
  get isOver(): boolean {
    return this.#error !== null;
  }

  gate(venue: VenueId): FaultGate {
    return this.stack.gates.get(venue)!;
  }

  exchange(venue: VenueId): MatchingExchange {
    return this.stack.market.exchanges.get(venue)!;
  }

  link(venue: VenueId): VenueLink {
    return this.room.core.links.find(({ id }) => id === venue)!;
  }

  /** How often a reason was counted at a venue, by the session, the watchdogs or the market part. */
  count(venue: VenueId, reason: Reason): number {
    const { record, core } = this.room;
    const market = record.session.engine.replica.counters().reasons[venue]?.[reason] ?? 0;
    return market + (core.refusals.counts()[venue]?.[reason] ?? 0);
  }

  reconnects(venue: VenueId): number {
    return this.link(venue).health().reconnects;
  }

  coverage(venue: VenueId): { readonly wanted: number; readonly usable: number } {
    return readCoverage(this.room.record.session.engine.replica, this.link(venue).books()).books;
  }

  /** Every wanted book is usable, and the venue may be sized again. */
  isWhole(venue: VenueId): boolean {
    const { wanted, usable } = this.coverage(venue);
    return wanted > 0 && usable === wanted && !this.link(venue).watchdogs.isDegraded;
  }

  /** Starts the run; resolves once every venue is whole. */
  async start(): Promise<this> {
    await this.begin();
    await this.until("every venue is whole", () => this.stack !== undefined && this.#allWhole());
    return this;
  }

  /** Starts the run without waiting for anything. */
  async begin(): Promise<void> {
    const loaded = faultProfile(this.dir, this.#options);
    const venues = FAULT_VENUES.map(({ id }) => ({ id, module: this.taps.tap(id, moduleOf(id)) }));
    const rng = new SeededRng(loaded.profile.seed).fork("embedded");
    this.stack = await openLoopbackStack(loaded.profile, venues, rng, 0, this.clock);
    this.#options.before?.(this.stack, this.taps.skews);
    this.#ending = connectedRun({
      loaded,
      venues,
      lanes: LANES,
      outDir: this.dir,
      stack: this.traffic.watch(this.stack),
      origin: "embedded",
      assumptions: [],
      orders: this.#options.orders ?? "on",
      durationMs: null,
      userAgent: "emp/test",
      product: { commit: "test", nodeMajor: 24 },
      wallMicros: () => this.clock.now(),
      stopped: () => this.#stopped,
      drive: async (until, going) => {
        while (going() && this.clock.now() < until) await passed(LOOK_MS);
      },
      onStage: () => {},
      onReady: (room) => {
        this.room = room;
      },
    });
    this.#ending.catch((error: unknown) => {
      this.#error = error;
    });
  }

  /** Waits for a condition. @returns milliseconds of the run's time that it took. */
  async until(what: string, condition: () => boolean): Promise<number> {
    const from = this.clock.now();
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#error !== null || !condition()) {
      if (this.#error !== null) throw this.#error;
      if (performance.now() > deadline) throw new Error(`not in time: ${what}\n${this.#picture()}`);
      await passed(LOOK_MS);
    }
    return Math.round((this.clock.now() - from) / 1000);
  }

  /** Lets some of the run's time pass, where what matters is that nothing happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms * 1000;
    await this.until(`${ms} ms`, () => this.clock.now() >= end);
  }

  /** Stops all activity at a venue and waits until its streamed books are level by level those of the exchange. */
  async equalBooks(venue: VenueId): Promise<void> {
    this.stack.market.faults.quiet(venue, FOREVER_MICROS);
    await this.until(`books of ${venue} equal the exchange's`, () => this.differences(venue).length === 0);
  }

  /** Books that are not what the exchange has. */
  differences(venue: VenueId): readonly string[] {
    const { replica } = this.room.record.session.engine;
    const link = this.link(venue);
    const differences: string[] = [];
    for (const book of link.books()) {
      const symbol = link.symbolOf(book)!;
      if (replica.view.instrument(book)?.status !== "open") continue;
      if (!replica.isExact(book)) differences.push(`${symbol} is not exact`);
      else if (!this.#isEqual(venue, book, symbol)) differences.push(`${symbol} differs`);
    }
    return differences;
  }

  /** After a test, however it went: nothing of the run is left. */
  async abandon(): Promise<void> {
    if (!this.#stopped && this.#ending !== null) await this.close().catch(() => {});
  }

  /** Ends the run and everything under it. */
  async close(): Promise<FaultRunEnd> {
    this.#stopped = true;
    try {
      const { summary } = await this.#ending!;
      return { summary, facts: factsOf(join(this.dir, "journal")) };
    } finally {
      await this.stack.close();
      // The system says a little later that a socket is gone.
      const deadline = performance.now() + DRAIN_MS;
      while (openSockets() > this.#socketsBefore && performance.now() < deadline) await passed(LOOK_MS);
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  /** What is still open after `close`. */
  leaks(): readonly string[] {
    const leaks = this.clock.leftAtClose === 0 ? [] : [`${this.clock.leftAtClose} alarms`];
    const sockets = openSockets() - this.#socketsBefore;
    if (sockets > 0) leaks.push(`${sockets} sockets of this process`);
    for (const [id, gate] of this.stack.gates) {
      const open = gate.open();
      if (open.sockets + open.late > 0)
        leaks.push(`${id}: ${open.sockets} sockets, ${open.late} answers to come`);
    }
    return leaks;
  }

  #allWhole(): boolean {
    if (this.room === undefined) return false;
    const { core, startup } = this.room;
    const accounts = startup.board().filter(({ stage }) => stage === "auth");
    return (
      accounts.every(({ endedMs }) => endedMs !== null) && core.links.every(({ id }) => this.isWhole(id))
    );
  }

  #isEqual(venue: VenueId, book: BookId, symbol: string): boolean {
    const { view } = this.room.record.session.engine.replica;
    const exchange = this.exchange(venue);
    return ([BID, ASK] as const).every((side) => {
      const shown = view.ladder(book, side, 10_000).map(({ ticks, lots }) => `${ticks}x${lots}`);
      const real = exchange.levels(symbol, side).map(({ ticks, lots }) => `${ticks}x${lots}`);
      return shown.join() === real.join();
    });
  }

  #picture(): string {
    if (this.room === undefined) return "no room yet";
    const venues = this.room.core.links.map((link) => {
      const { wanted, usable } = this.coverage(link.id);
      return `${link.id}: ${usable} of ${wanted}, ${link.status}, degraded ${link.watchdogs.isDegraded}, ${JSON.stringify(this.gate(link.id).injected())}`;
    });
    const reasons = JSON.stringify([
      this.room.core.refusals.counts(),
      this.room.record.session.engine.replica.counters().reasons,
    ]);
    return [...venues, reasons].join("\n");
  }
}

/** Sockets that this process holds open, listening ones included. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length;
}
