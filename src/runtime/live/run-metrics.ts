import type { Clock, Micros } from "../../contracts/index.ts";
import { RunMetricsText } from "../../observe/metrics.ts";
import type {
  CapacityReading,
  HealthReading,
  RunIdentity,
  RunReading,
} from "../../observe/metrics-reading.ts";
import { redact } from "../../observe/redact.ts";
import { openStatusServer, type StatusPages, type StatusServer } from "../../observe/status-server.ts";
import { EmpError } from "../emp-error.ts";
import type { LoadedProfile } from "../profile/load.ts";
import type { ConnectedRoom } from "./connected-run.ts";
import { degradedScopes, readHealth } from "./run-metrics-health.ts";
import { readRoom } from "./run-metrics-room.ts";
import { TradeCounts } from "./run-metrics-trades.ts";

/** Readings take time from trading: one in this much real time, whoever asks how often. */
const READ_EVERY_MS = 1_000;

export interface RunMetricsSetup {
  readonly loaded: LoadedProfile;
  readonly version: string;
  readonly venues: RunIdentity["venues"];
  readonly orders: RunIdentity["orders"];
  /** The run's own time, real or simulated. */
  readonly clock: Clock;
  /** Real time in milliseconds; replaced in tests. */
  readonly realMs?: () => number;
}

/**
 * `/metrics`, `/health` and `/status` of one connected run. Everything is read off the room's own counters when it is
 * asked for; what has no counter there is counted per opportunity (`trades`) and per round (`round`), never per message.
 */
export class RunMetrics implements StatusPages {
  readonly trades: TradeCounts;
  readonly #setup: RunMetricsSetup;
  readonly #text = new RunMetricsText();
  readonly #realMs: () => number;
  readonly #startedMs: number;
  #room: ConnectedRoom | null = null;
  /** When the next round should start; null before the first. */
  #dueAt: number | null = null;
  #last: { readonly atMs: number; readonly room: ConnectedRoom | null; readonly reading: RunReading } | null =
    null;

  constructor(setup: RunMetricsSetup) {
    this.#setup = setup;
    this.#realMs = setup.realMs ?? (() => performance.now());
    this.#startedMs = this.#realMs();
    this.trades = new TradeCounts((venue, afterMs) => this.#text.filled(venue, afterMs));
  }

  /** The venues are being connected: from now on there is something to read. */
  attach(room: ConnectedRoom): void {
    this.#room = room;
  }

  /** A round that started at `now` has done its work. To be called last, so that the next one is due from here. */
  round(now: Micros): void {
    if (this.#dueAt !== null) this.#text.lag(Math.max(0, now - this.#dueAt) / 1000);
    const { clock, loaded } = this.#setup;
    this.#dueAt = clock.now() + loaded.profile.feed.tickMs * 1000;
  }

  async metrics(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#text.contentType, text: await this.#text.text(this.#read()) };
  }

  health(): HealthReading {
    return redact(readHealth(this.#room)) as HealthReading;
  }

  status(): unknown {
    return redact(this.#read());
  }

  #read(): RunReading {
    const atMs = this.#realMs();
    const last = this.#last;
    if (last !== null && last.room === this.#room && atMs - last.atMs < READ_EVERY_MS) return last.reading;
    const reading = this.#readNow(atMs);
    this.#last = { atMs, room: this.#room, reading };
    return reading;
  }

  #readNow(atMs: number): RunReading {
    const room = this.#room;
    const { loaded, version, venues, orders, clock } = this.#setup;
    const { profile } = loaded;
    const parts =
      room === null
        ? { marketAt: null, venues: [], lanes: [], market: null, desk: null }
        : readRoom(room, clock.now());
    const requestsWaiting = parts.venues
      .flatMap(({ classes }) => classes)
      .reduce((sum, { waiting }) => sum + waiting, 0);
    return {
      run: { profile: profile.name, profileHash: loaded.hash, version, venues, orders },
      uptimeMs: Math.round(atMs - this.#startedMs),
      ...parts,
      health: readHealth(room),
      start: { complete: room?.startup.complete ?? false, stages: room?.startup.board() ?? [] },
      degraded: room === null ? [] : degradedScopes(room),
      trades: this.trades.reading(),
      capacity: {
        maxBooks: profile.limits.maxBooks,
        maxWatchedPerVenue: profile.feed.maxWatched,
        requestsWaiting,
        ...processLoads(),
      },
    };
  }
}

/**
 * Serves a run's pages.
 * @param port 0 = any free one.
 * @throws EmpError when the address cannot be listened on.
 */
export async function openRunStatus(host: string, port: number, pages: StatusPages): Promise<StatusServer> {
  try {
    return await openStatusServer(host, port, pages);
  } catch (error) {
    throw new EmpError("status.listen", `run: status: ${refusal(host, port, error)}`);
  }
}

function refusal(host: string, port: number, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE")
    return `port ${port} of ${host} is taken; choose another with --status-port or status.port`;
  if (code === "EACCES") return `port ${port} of ${host} is not allowed to this user; choose one above 1023`;
  const why = error instanceof Error ? error.message : String(error);
  return `cannot listen on port ${port} of ${host}: ${why}; see status.host`;
}

function processLoads(): Omit<CapacityReading, "maxBooks" | "maxWatchedPerVenue" | "requestsWaiting"> {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    cpuSeconds: (user + system) / 1e6,
    handles: process.getActiveResourcesInfo().length,
  };
}
