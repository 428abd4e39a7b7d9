/**
 * Start-up with 10,000 markets at each embedded venue, over loopback, published rate limits enforced: from nothing to
 * the first usable quote of each venue, cold (no catalogue kept) and warm (the catalogue of the run before). The venues
 * are in a process of their own. Also: until nine tenths of the watched books are usable.
 *
 * Usage: node bench/live-start.ts [rounds=2] [markets=10000]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { DiscoveryCache, Micros, VenueId } from "../src/contracts/index.ts";
import type { ConnectedRoom } from "../src/runtime/live/connected-run.ts";
import { readCoverage } from "../src/runtime/live/coverage-reading.ts";
import { FileDiscoveryCache } from "../src/runtime/live/discovery-cache.ts";
import { median } from "./ingest-child.ts";
import { benchRun, openVenues, started } from "./live-start-run.ts";

// As `./emp` starts Node.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const ROUNDS = Number(process.argv[2] ?? 2);
const MARKETS = process.argv[3] ?? "10000";
const COVERED = 0.9;
const FIELDS = {
  EMP_EMBEDDED__MARKETS_PER_VENUE: MARKETS,
  EMP_EMBEDDED__EVENT_LIFE_MS: "86400000",
  // As many as find room on Polymarket's connections by default.
  EMP_FEED__MAX_WATCHED: "1000",
};
/** Nine tenths of the books may never be usable: the bench then says "-". */
const COVERED_WITHIN_MS = 90_000;
const HOUR_MICROS = 3_600_000_000;

type Starts = Map<string, number[]>;

async function start(cacheDir: string, seconds: Starts): Promise<void> {
  const venues = await openVenues(FIELDS, "live-start");
  const caches = new Map<VenueId, FileDiscoveryCache>();
  const written: Promise<void>[] = [];
  const cache = (id: VenueId): DiscoveryCache => {
    const known = caches.get(id);
    if (known !== undefined) return known;
    const now = () => Math.floor((performance.timeOrigin + performance.now()) * 1000) as Micros;
    const made = new FileDiscoveryCache(join(cacheDir, id), HOUR_MICROS, now);
    caches.set(id, made);
    written.push(
      new Promise((resolve) => {
        made.onWritten = resolve;
      }),
    );
    return made;
  };
  const note = (name: string, value: number): void => {
    seconds.set(name, [...(seconds.get(name) ?? []), value]);
  };
  const cpu = process.cpuUsage();
  try {
    await benchRun({
      venues,
      fields: FIELDS,
      cache,
      during: async (room) => {
        const begun = performance.now();
        await started(room);
        await covered(room, (id) =>
          note(`${id} nine tenths of the watched books usable`, (performance.now() - begun) / 1000),
        );
        for (const { venue, stage, endedMs } of room.startup.board()) {
          if (endedMs !== null) note(`${venue} ${stage}`, endedMs / 1000);
        }
        const { user, system } = process.cpuUsage(cpu);
        note("CPU of the engine's process until then", (user + system) / 1e6);
        await Promise.race([Promise.all(written), sleep(20_000)]);
      },
    });
  } finally {
    await venues.child.end();
  }
}

/** Waits until each venue's catalogue is read to its end and nine tenths of what is watched there are usable. */
async function covered(room: ConnectedRoom, then: (venue: VenueId) => void): Promise<void> {
  const { replica } = room.record.session.engine;
  const open = new Set(room.core.links);
  const endMs = performance.now() + COVERED_WITHIN_MS;
  while (open.size > 0 && performance.now() < endMs) {
    await sleep(20);
    for (const link of open) {
      const discovered = room.startup
        .board()
        .some(({ venue, stage, endedMs }) => venue === link.id && stage === "discovery" && endedMs !== null);
      if (!discovered) continue;
      const { wanted, usable } = readCoverage(replica, link.books()).books;
      if (wanted === 0 || usable < COVERED * wanted) continue;
      open.delete(link);
      then(link.id);
    }
  }
}

async function main(): Promise<void> {
  const loadBefore = loadavg()[0]!.toFixed(1);
  const cold: Starts = new Map();
  const warm: Starts = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    const cacheDir = mkdtempSync(join(tmpdir(), "emp-start-"));
    try {
      await start(cacheDir, cold);
      await start(cacheDir, warm);
    } finally {
      rmSync(cacheDir, { recursive: true, force: true });
    }
  }
  console.log(
    `live start: ${MARKETS} markets a venue, ${ROUNDS} rounds, load average ${loadBefore} -> ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log("| seconds from the start of the run, median | cold | warm |");
  console.log("|---|---|---|");
  for (const name of [...new Set([...cold.keys(), ...warm.keys()])].sort()) {
    const text = (starts: Starts): string => {
      const values = starts.get(name);
      return values === undefined ? "-" : median(values).toFixed(2);
    };
    console.log(`| ${name} | ${text(cold)} | ${text(warm)} |`);
  }
}

await main();
