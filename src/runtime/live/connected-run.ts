import {
  type Micros,
  type OrderGateway,
  type RunSummary,
  reasonOf,
  type VenueId,
} from "../../contracts/index.ts";
import { SeededRng } from "../../sim/rng.ts";
import { Intake, NO_RAW } from "../intake.ts";
import type { RunVenue } from "../replay/journal-venues.ts";
import { RunRecord, type RunRecordSetup } from "../run/run-record.ts";
import type { SessionTap } from "../session.ts";
import { CapacityRound, type ProcessLoads } from "./capacity-round.ts";
import { HealthLog } from "./health-log.ts";
import { LiveCore } from "./live-core.ts";
import { LiveOrders } from "./live-orders.ts";
import { liveOf } from "./public-stack.ts";
import { openScanHost, type ScanHost } from "./scan-host.ts";
import type { LiveStack } from "./stack.ts";
import { type StageState, Startup } from "./startup.ts";
import { VenueLink } from "./venue-link.ts";

/** Connections that have not ended by then are left to the stack, which closes everything. */
const STOP_MICROS = 10_000_000;
const MIB = 1_048_576;
const SAMPLE_EVERY_MICROS = 1_000_000;

export interface ConnectedRunSetup
  extends Omit<RunRecordSetup, "origin" | "assumptions" | "speed" | "orders"> {
  readonly stack: LiveStack;
  readonly origin: "live" | "embedded";
  readonly assumptions: readonly string[];
  /** Real orders go to the venues instead of the paper exchange. */
  readonly orders: "off" | "on";
  readonly durationMs: number | null;
  readonly userAgent: string;
  readonly stopped: () => boolean;
  /** Lets time pass until `until` or until `going` says no. */
  readonly drive: (until: Micros, going: () => boolean) => Promise<void>;
  /** What the process uses; absent in simulated time, where it must not matter. */
  readonly loads?: (() => ProcessLoads) | null;
  /** A stage of some venue's start ended. */
  readonly onStage: (stage: StageState) => void;
  readonly onReady: (room: ConnectedRoom) => void;
  readonly onRound?: (room: ConnectedRoom, now: Micros) => void;
}

/** The running parts, for whoever watches. */
export interface ConnectedRoom {
  readonly record: RunRecord;
  readonly core: LiveCore;
  readonly startup: Startup;
  /** Lanes in threads; null while they look inline. */
  readonly scan: ScanHost | null;
  readonly health: HealthLog;
  /** Facts when the last frame was counted. */
  facts: number;
  /** What ended the room by itself; null while it runs. */
  failure: { readonly error: unknown } | null;
}

export interface ConnectedRunResult {
  readonly summary: RunSummary;
  readonly rows: number;
  readonly journal: string;
}

/**
 * Connects to every venue of a profile, judges, trades on paper (or really), records, until stopped.
 * @throws EmpError when a venue cannot be started or the journal cannot be written; what was recorded stays.
 */
export async function connectedRun(setup: ConnectedRunSetup): Promise<ConnectedRunResult> {
  const gateways = new Map<VenueId, OrderGateway>();
  const orders =
    setup.orders === "on"
      ? new LiveOrders(gateways, (book) => record.session.engine.replica.view.instrument(book))
      : undefined;
  let core: LiveCore | null = null;
  const invalidations: SessionTap = {
    quote: (kind, _side, book, reason, at) => core?.quote(kind, book, reasonOf(reason), at),
    decision: (decision) => {
      if (decision.kind === "plan.approved") core?.pin(decision.legs.map(({ book }) => book));
      if (decision.kind === "opportunity.detected")
        core?.promote(decision.finding.legs.map(({ book }) => book));
    },
  };
  const { loaded, venues, lanes, outDir, product, wallMicros, origin, assumptions, taps } = setup;
  const record: RunRecord = new RunRecord({
    ...{ loaded, venues, lanes, outDir, product, wallMicros, origin, assumptions, speed: null },
    taps: [...(taps ?? []), invalidations],
    ...(orders === undefined ? {} : { orders }),
  });
  try {
    const room = connect(setup, record, gateways, orders);
    core = room.core;
    await watch(setup, room);
    // The run ends here: that its own connections end now is no news about the market.
    room.core.mute();
    const summary = record.finish(setup.orders === "on" ? "live" : "paper", room.core.refusals.counts());
    await stop(setup, room);
    if (room.failure !== null) throw room.failure.error;
    return { summary, rows: record.rows, journal: record.journalDir };
  } finally {
    await record.close();
  }
}

function connect(
  setup: ConnectedRunSetup,
  record: RunRecord,
  gateways: Map<VenueId, OrderGateway>,
  orders: LiveOrders | undefined,
): ConnectedRoom {
  const { profile } = setup.loaded;
  const { clock } = setup.stack;
  const { feed, limits, capture } = profile;
  const intake = new Intake(record.session, capture.rawFrames ? record.writer : NO_RAW, setup.venues, limits);
  const ids = setup.venues.map(({ id }) => id);
  const startup = new Startup(ids, feed.startTimeoutMs * 1000, clock.now());
  let sampledAt = 0;
  const core: LiveCore = new LiveCore({
    session: record.session,
    intake,
    clock,
    rng: new SeededRng(profile.seed).fork("core"),
    tickMicros: feed.tickMs * 1000,
    maxLagMicros: feed.maxLagMs * 1000,
    startup,
    onStage: setup.onStage,
    capacity: (links) =>
      setup.loads == null
        ? null
        : new CapacityRound({
            loads: setup.loads,
            links,
            maxWatched: feed.maxWatched,
            maxMemoryBytes: feed.maxMemoryMiB * MIB,
            maxLagMicros: feed.maxLagMs * 1000,
            note: (stage, detail) => core.note("all", stage, detail),
          }),
    onRound: (now) => {
      if (now - sampledAt >= SAMPLE_EVERY_MICROS) {
        sampledAt = now;
        record.sample();
      }
      room.scan?.fed();
      room.health.round(now);
      setup.onRound?.(room, now);
    },
    onFailed: (error) => {
      room.failure = { error };
    },
  });
  const scan =
    profile.scan.host === "inline"
      ? null
      : openScanHost(profile, record.session, clock, (lane, reason, detail) =>
          core.refused(lane, reason, detail),
        );
  const health = new HealthLog(setup.outDir, core);
  const room: ConnectedRoom = { record, core, startup, scan, health, facts: 0, failure: null };
  for (const [index, venue] of setup.venues.entries()) {
    const link = openLink(setup, room, intake, venue, index, orders);
    core.add(link);
    if (link.session.gateway !== null) gateways.set(venue.id, link.session.gateway);
  }
  return room;
}

function openLink(
  setup: ConnectedRunSetup,
  room: ConnectedRoom,
  intake: Intake,
  venue: RunVenue,
  index: number,
  orders: LiveOrders | undefined,
): VenueLink {
  const { record, core, startup, scan } = room;
  const { profile } = setup.loaded;
  const { feed, limits } = profile;
  const { clock } = setup.stack;
  const live = liveOf(venue);
  return new VenueLink({
    ...setup.stack.ports(venue.id),
    id: venue.id,
    index,
    live,
    configured: live.configure(profile.venues[venue.id]!.session),
    orders: setup.orders,
    clock,
    rng: new SeededRng(profile.seed).fork(`link ${venue.id}`),
    userAgent: setup.userAgent,
    maxFrameBytes: limits.maxFrameBytes,
    intake,
    replica: record.session.engine.replica,
    startup,
    options: {
      maxWatched: feed.maxWatched,
      maxPollAgeMicros: feed.maxPollAgeMs * 1000,
      rediscoverMicros: feed.rediscoverMs * 1000,
      maxBooks: limits.maxBooks,
      repairMicros: feed.repairEveryMs * 1000,
      reconcileMicros: feed.reconcileEveryMs * 1000,
      minCoverage: Number(feed.minCoverage),
      maxQuoteAgeMicros: profile.firewall.maxAgeMs * 1000,
    },
    events: {
      ended: () => core.ended,
      stamp: (at) => core.stamp(at),
      frame: (position, judgedMicros) => {
        const { facts } = record.session;
        record.screen.frame(position, facts - room.facts, judgedMicros);
        room.facts = facts;
        scan?.fed();
      },
      fact: (fact, at) => core.fact(fact, at),
      refused: (id, reason, detail) => core.refused(id, reason, detail),
      order: (update) => {
        orders?.answered(update, core.stamp(clock.now()));
        core.answered();
      },
    },
  });
}

/** Ends the connections. In simulated time, that too takes time that somebody must let pass. */
async function stop(
  { stack, drive }: ConnectedRunSetup,
  { core, scan, health }: ConnectedRoom,
): Promise<void> {
  let isClosed = false;
  core.stop(() => {
    isClosed = true;
  });
  await drive((stack.clock.now() + STOP_MICROS) as Micros, () => !isClosed);
  scan?.close();
  health.close();
}

async function watch(setup: ConnectedRunSetup, room: ConnectedRoom): Promise<void> {
  const { clock } = setup.stack;
  const endAt = setup.durationMs === null ? Number.MAX_SAFE_INTEGER : clock.now() + setup.durationMs * 1000;
  room.core.start();
  setup.onReady(room);
  await setup.drive(endAt as Micros, () => !setup.stopped() && room.failure === null);
}
