import type { Reason, Timers } from "../../contracts/index.ts";
import { type StartLane, startLaneThread } from "../lanes/lane-thread.ts";
import { LaneSeeder } from "../lanes/seed.ts";
import { ThreadLanes } from "../lanes/thread-lanes.ts";
import { firewallOptions } from "../profile/core-options.ts";
import type { Profile } from "../profile/schema.ts";
import type { Session } from "../session.ts";

/** Lanes in threads beside a running session. */
export interface ScanHost {
  /** Something was fed: the lanes get it at the end of this turn of the event loop. */
  fed(): void;
  close(): void;
}

/** Moves a session's lanes into threads of their own, as the profile asks. To be called before the first fact. */
export function openScanHost(
  profile: Profile,
  session: Session,
  clock: Timers,
  trouble: (lane: string, reason: Reason, detail: string) => void,
  start: StartLane = startLaneThread,
): ScanHost {
  const { engine } = session;
  const { scan, limits } = profile;
  const setups = Object.entries(profile.lanes).map(([lane, options]) => ({
    lane,
    options,
    maxBooks: limits.maxBooks,
    denseBudgetBytes: limits.denseBudgetBytes,
    firewall: firewallOptions(profile),
  }));
  const options = {
    budgetMicros: scan.budgetMs * 1000,
    maxFailures: scan.maxFailures,
    retryMicros: scan.retryMs * 1000,
  };
  const lanes = new ThreadLanes(setups, options, clock, start, new LaneSeeder(engine.replica), {
    cycle: (findings) => session.cycle(findings),
    diagnosed: (lane, family, reason) => engine.diagnoses.set(lane, family, reason),
    trouble,
  });
  session.delegate(lanes);
  let pending: NodeJS.Immediate | null = null;
  return {
    fed: () => {
      pending ??= setImmediate(() => {
        pending = null;
        lanes.flush();
      });
    },
    close: () => {
      if (pending !== null) clearImmediate(pending);
      lanes.close();
    },
  };
}
