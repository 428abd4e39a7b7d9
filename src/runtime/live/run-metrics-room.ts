import type { LatencySummary, Micros } from "../../contracts/index.ts";
import type {
  ClassReading,
  DeskReading,
  LaneReading,
  MarketReading,
  QuantileReading,
  ReasonCounts,
  VenueReading,
} from "../../observe/metrics-reading.ts";
import type { ScreenState } from "../../observe/screen-state.ts";
import type { ConnectedRoom } from "./connected-run.ts";
import type { VenueLink } from "./venue-link.ts";

/** The part of a reading that only a running room has. */
export interface RoomReading {
  readonly marketAt: number | null;
  readonly venues: readonly VenueReading[];
  readonly lanes: readonly LaneReading[];
  readonly market: MarketReading;
  readonly desk: DeskReading;
}

type ByReason = Readonly<Record<string, ReasonCounts>>;

/** Reads a running room's own counters. Takes time in proportion to the listed books: not for every message. */
export function readRoom(room: ConnectedRoom, now: Micros): RoomReading {
  const { session, screen } = room.record;
  const { replica } = session.engine;
  const shown = screen.snapshot();
  const counters = replica.counters();
  const refusals = room.core.refusals.counts();
  const delays = session.latency.summary();
  return {
    marketAt: shown.marketAt,
    venues: room.core.links.map((link) => ({
      ...readLink(link, now),
      framesPerSecond: shown.venues.find(({ id }) => id === link.id)?.framesPerSecond ?? 0,
      delay: quantilesOf(delays[link.id]),
      reasons: sum(counters.reasons[link.id], refusals[link.id]),
      flat: room.core.killStates().find(({ venue }) => venue === link.id)?.flat ?? null,
    })),
    lanes: readLanes(session.engine.diagnosisCounts() as ByReason, refusals),
    market: {
      facts: session.facts,
      frames: session.frames,
      trades: counters.trades,
      sequenceGaps: counters.gaps,
      booksValid: counters.booksValid,
      barred: Object.fromEntries(shown.books.reasons.map(({ name, count }) => [name, count])),
      judge: judgeOf(shown),
    },
    desk: readDesk(room, shown),
  };
}

function readLink(
  link: VenueLink,
  now: Micros,
): Omit<VenueReading, "framesPerSecond" | "delay" | "reasons" | "flat"> {
  const { connections, reconnects, clockSkewMicros } = link.health();
  const open = connections.filter((each) => each.open);
  const quietest = open.map(({ lastByteAt, openedAt }) => Math.max(lastByteAt, openedAt));
  const { streams } = link.session;
  const isPolled = !streams && link.bookCount > 0;
  return {
    id: link.id,
    status: link.status,
    connections: { open: open.length, known: connections.length },
    reconnects,
    clockSkewMs: clockSkewMicros === null ? null : clockSkewMicros / 1000,
    stalenessMs: quietest.length === 0 ? null : ageMs(now, Math.min(...quietest)),
    pollAgeMs: isPolled ? Math.max(0, link.polls.scheduler.maxAge(now)) / 1000 : null,
    books: { listed: link.watch.listed, watched: link.bookCount, ...link.watchdogs.use },
    polls: { answered: link.polls.answered, books: link.polls.books, open: link.polls.open },
    reconciled: streams ? verdictsOf(link) : null,
    classes: readClasses(link, now),
  };
}

function verdictsOf({ watchdogs }: VenueLink): VenueReading["reconciled"] {
  if (watchdogs.reconciler === null) return null;
  const { equal, raced, suspicious, diverged } = watchdogs.reconciler.counts;
  return { equal, raced, suspicious, diverged };
}

function readClasses({ client }: VenueLink, now: Micros): readonly ClassReading[] {
  return client.stats().map(({ refusedShare: _, pausedUntil, latency, queued, ...stats }) => ({
    ...stats,
    paused: pausedUntil > now,
    latency: quantilesOf(latency)!,
    queued: quantilesOf(queued)!,
  }));
}

/** Troubles of lanes in threads are counted like refusals, under the lane's id. */
function readLanes(diagnoses: ByReason, refusals: ByReason): readonly LaneReading[] {
  return Object.entries(diagnoses).map(([id, families]) => ({ id, families, troubles: refusals[id] ?? {} }));
}

function readDesk({ record }: ConnectedRoom, { money }: ScreenState): DeskReading {
  const { desk } = record.session.engine;
  const { currency, startCash, cash, reserved, openAtWorst, fees, equity, openPositions } = money;
  return {
    halted: desk.paused,
    waiting: desk.waiting,
    journalOk: record.writer.state === "ok",
    journalLost: record.writer.refused,
    ...{ currency, startCash, cash, reserved, openAtWorst, fees, equity, openPositions },
  };
}

function judgeOf({ decision, rates }: ScreenState): MarketReading["judge"] {
  if (decision === null || rates.frames === 0) return null;
  const { p50Micros, p99Micros } = decision;
  return { count: rates.frames, p50Ms: p50Micros / 1000, p95Ms: null, p99Ms: p99Micros / 1000 };
}

function quantilesOf(summary: LatencySummary | undefined): QuantileReading | null {
  if (summary === undefined) return null;
  const { count, p50Micros, p95Micros, p99Micros } = summary;
  return { count, p50Ms: p50Micros / 1000, p95Ms: p95Micros / 1000, p99Ms: p99Micros / 1000 };
}

function sum(a: ReasonCounts = {}, b: ReasonCounts = {}): ReasonCounts {
  const total: Record<string, number> = { ...a };
  for (const [reason, count] of Object.entries(b)) total[reason] = (total[reason] ?? 0) + count;
  return total;
}

function ageMs(now: Micros, at: number): number {
  return Math.max(0, now - at) / 1000;
}
