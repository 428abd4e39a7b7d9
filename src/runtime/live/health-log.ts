import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Micros } from "../../contracts/index.ts";
import type { LiveCore } from "./live-core.ts";

const EVERY_MICROS = 60_000_000;
/** A year of minutes; a run that goes on longer keeps its first year. */
const MAX_LINES = 525_600;
const FILE = "health.ndjson";

/** What must stay flat over a long run, sampled once a minute of market time. */
export interface HealthSample {
  readonly at: Micros;
  readonly rssMiB: number;
  readonly heapMiB: number;
  /** Buffers outside the heap: socket data, journal blocks, books. */
  readonly externalMiB: number;
  /** Timers, sockets, files and threads that keep the process alive. */
  readonly handles: number;
  /** Requests that wait for their budget, over all venues. */
  readonly requestsWaiting: number;
  /** Longest a round started late since the last sample. */
  readonly lateMs: number;
  /** Usable of wanted books, by venue, and whether the venue is degraded. */
  readonly venues: Readonly<
    Record<string, { readonly wanted: number; readonly usable: number; readonly degraded: boolean }>
  >;
}

/** Writes `health.ndjson` beside a run's rows. */
export class HealthLog {
  readonly #fd: number;
  readonly #core: LiveCore;
  #nextAt = 0;
  #lines = 0;

  constructor(dir: string, core: LiveCore) {
    this.#fd = openSync(join(dir, FILE), "w");
    this.#core = core;
  }

  round(now: Micros): void {
    if (now < this.#nextAt || this.#lines >= MAX_LINES) return;
    this.#nextAt = now + EVERY_MICROS;
    this.#lines++;
    writeSync(this.#fd, `${JSON.stringify(this.#sample(now))}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #sample(at: Micros): HealthSample {
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const mib = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;
    const { links } = this.#core;
    return {
      at,
      rssMiB: mib(rss),
      heapMiB: mib(heapUsed),
      externalMiB: mib(external + arrayBuffers),
      handles: process.getActiveResourcesInfo().length,
      requestsWaiting: links.reduce(
        (sum, { client }) => sum + client.stats().reduce((all, { waiting }) => all + waiting, 0),
        0,
      ),
      lateMs: Math.round(this.#core.takeMaxLate() / 1000),
      venues: Object.fromEntries(
        links.map(({ id, watchdogs }) => [id, { ...watchdogs.use, degraded: watchdogs.isDegraded }]),
      ),
    };
  }
}
