import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Micros, VenueId } from "../../src/contracts/index.ts";
import { LANES } from "../../src/registry.gen.ts";
import {
  type ConnectedRoom,
  type ConnectedRunResult,
  connectedRun,
} from "../../src/runtime/live/connected-run.ts";
import { type EmbeddedStack, openSimulatedStack } from "../../src/runtime/live/embedded-stack.ts";
import type { LoadedProfile } from "../../src/runtime/profile/load.ts";
import type { SessionTap } from "../../src/runtime/session.ts";
import { StepClock } from "../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../src/sim/rng.ts";
import { ProbeOrders } from "./probe-orders.ts";
import { VenueTaps } from "./venue-taps.ts";
import { moduleOf } from "./venues.ts";

const START = Date.parse("2026-01-05T00:00:00Z") * 1000;
const STEP_MICROS = 100_000;
const STEPS_PER_TURN = 50;

export interface SimulatedRunOptions {
  readonly loaded: LoadedProfile;
  readonly seconds: number;
  readonly orders: "off" | "on";
  readonly taps?: readonly SessionTap[];
  /** When the run begins. */
  readonly script?: (run: SimulatedRun) => void;
  readonly onRound?: (run: SimulatedRun, now: Micros) => void;
}

/** A run in simulated time: the same sessions, servers and faults without sockets, as fast as possible. */
export class SimulatedRun {
  readonly dir = mkdtempSync(join(tmpdir(), "emp-faults-"));
  readonly clock = new StepClock(START as Micros);
  readonly probes = new ProbeOrders();
  readonly venueTaps = new VenueTaps(this.probes);
  stack!: EmbeddedStack;
  room!: ConnectedRoom;

  /** Runs it to its end; nothing of it is left but its folder. */
  async run(options: SimulatedRunOptions): Promise<ConnectedRunResult> {
    const { loaded, seconds, orders } = options;
    const venues = Object.keys(loaded.profile.venues).map((id: VenueId) => ({
      id,
      module: this.venueTaps.tap(id, moduleOf(id)),
    }));
    const rng = new SeededRng(loaded.profile.seed).fork("embedded");
    this.stack = openSimulatedStack(loaded.profile, venues, rng, this.clock, seconds * 1_000_000);
    try {
      return await connectedRun({
        loaded,
        venues,
        lanes: LANES,
        outDir: this.dir,
        stack: this.stack,
        origin: "embedded",
        assumptions: [],
        orders,
        durationMs: seconds * 1000,
        userAgent: "emp/test",
        product: { commit: "test", nodeMajor: 24 },
        wallMicros: () => this.clock.now(),
        stopped: () => false,
        taps: options.taps ?? [],
        drive: (until, going) => this.#hurry(until, going),
        onStage: () => {},
        onReady: (room) => {
          this.room = room;
          options.script?.(this);
        },
        onRound: (_room, now) => options.onRound?.(this, now),
      });
    } finally {
      await this.stack.close();
    }
  }

  /** With a turn of the event loop now and then, for files. */
  async #hurry(until: Micros, going: () => boolean): Promise<void> {
    for (let step = 1; going() && this.clock.now() < until; step++) {
      this.clock.advanceTo(Math.min(until, this.clock.now() + STEP_MICROS) as Micros);
      if (step % STEPS_PER_TURN === 0) await turn();
    }
  }
}
