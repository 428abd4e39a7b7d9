import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, DiscoveryCache, Net, VenueId } from "../src/contracts/index.ts";
import { LANES, VENUES } from "../src/registry.gen.ts";
import { type ConnectedRoom, connectedRun } from "../src/runtime/live/connected-run.ts";
import type { StageState } from "../src/runtime/live/startup.ts";
import { LiveNet } from "../src/runtime/net/live-net.ts";
import { WallTimers } from "../src/runtime/net/wall-timers.ts";
import { loadProfile } from "../src/runtime/profile/load.ts";
import { runVenues } from "../src/runtime/run/run-venues.ts";
import type { SessionTap } from "../src/runtime/session.ts";
import { BenchChild } from "./ingest-child.ts";
import type { VenuesAnswer, VenuesOrder } from "./live-start-venues.ts";

/** A connected run of the canary profile against embedded venues that live in a process of their own. */

/** Embedded venues in a child process. */
export interface BenchVenues {
  readonly child: BenchChild<VenuesOrder, VenuesAnswer>;
  readonly opened: VenuesAnswer;
}

/** @param fields of the canary profile by `EMP_…` names. */
export async function openVenues(
  fields: Readonly<Record<string, string>>,
  seed: string,
): Promise<BenchVenues> {
  const child = new BenchChild<VenuesOrder, VenuesAnswer>("live-start-venues.ts", []);
  child.tell({ kind: "open", fields, seed });
  return { child, opened: await child.hear("opened") };
}

export interface BenchRunSetup {
  readonly venues: BenchVenues;
  readonly fields: Readonly<Record<string, string>>;
  readonly orders?: "off" | "on";
  readonly taps?: readonly SessionTap[];
  readonly cache?: (venue: VenueId) => DiscoveryCache;
  /** Stands between the sessions and the network. */
  readonly through?: (net: Net) => Net;
  readonly onStage?: (stage: StageState) => void;
  /** The run ends when this does. */
  readonly during: (room: ConnectedRoom, clock: Clock) => Promise<void>;
}

const NO_CACHE: DiscoveryCache = { read: () => null, write: () => {} };

/** Runs until `during` ends, in a folder that is removed afterwards. @throws what ended the run by itself. */
export async function benchRun(setup: BenchRunSetup): Promise<void> {
  const loaded = loadProfile("profiles/canary.yaml", setup.fields, []);
  const clock = new WallTimers();
  const own = new LiveNet({ clock, limits: { maxMessageBytes: loaded.profile.limits.maxFrameBytes } });
  const net = setup.through?.(own) ?? own;
  const outDir = mkdtempSync(join(tmpdir(), "emp-bench-"));
  let over = false;
  let failed: { readonly error: unknown } | null = null;
  try {
    await connectedRun({
      loaded,
      venues: runVenues(loaded.profile, VENUES),
      lanes: LANES,
      outDir,
      stack: {
        clock,
        ports: (id) => {
          const { hosts, secrets } = setup.venues.opened.venues[id]!;
          return { net, hosts, secrets, cache: setup.cache?.(id) ?? NO_CACHE };
        },
        close: async () => {},
      },
      origin: "embedded",
      assumptions: [],
      orders: setup.orders ?? "off",
      durationMs: null,
      userAgent: "emp/bench",
      product: { commit: "bench", nodeMajor: Number.parseInt(process.versions.node, 10) },
      wallMicros: () => clock.now(),
      stopped: () => over,
      ...(setup.taps === undefined ? {} : { taps: setup.taps }),
      drive: async (_until, going) => {
        while (going()) await sleep(20);
      },
      onStage: (stage) => setup.onStage?.(stage),
      onReady: (room) => {
        void setup
          .during(room, clock)
          .catch((error: unknown) => {
            failed = { error };
          })
          .finally(() => {
            over = true;
          });
      },
    });
    const ended = failed as { readonly error: unknown } | null;
    if (ended !== null) throw ended.error;
  } finally {
    await own.close();
    clock.close();
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** Resolves once every venue has given a usable quote; never when the run fails before. */
export async function started({ startup }: ConnectedRoom): Promise<void> {
  while (!startup.complete) await sleep(5);
}

/** Counts the messages that come over sockets. */
export class CountingNet implements Net {
  readonly #net: Net;
  messages = 0;

  constructor(net: Net) {
    this.#net = net;
  }

  request(...args: Parameters<Net["request"]>): ReturnType<Net["request"]> {
    return this.#net.request(...args);
  }

  connect(...[url, headers, handlers]: Parameters<Net["connect"]>): ReturnType<Net["connect"]> {
    return this.#net.connect(url, headers, {
      opened: (at) => handlers.opened(at),
      message: (bytes, start, end, at) => {
        this.messages++;
        handlers.message(bytes, start, end, at);
      },
      pinged: (at) => handlers.pinged(at),
      closed: (end, at) => handlers.closed(end, at),
    });
  }
}
