import type { Rng } from "../../../contracts/index.ts";
import type { Fault, FaultPlan, PlannedFault } from "./fault.ts";

export interface RandomFaultOptions {
  /** Length of the plan. */
  readonly spanMicros: number;
  /** Mean distance from one fault's begin to the next. */
  readonly meanGapMicros: number;
  /** No fault begins before this, and none lasts beyond `spanMicros - quietMicros`: a start and an end in peace. */
  readonly quietMicros?: number;
  /** Relative frequency; a fault that is not named has 1, 0 leaves it out. */
  readonly weights?: Partial<Record<Fault, number>>;
  /** Hosts of which one is struck; empty or left out = always all. */
  readonly hosts?: readonly string[];
}

interface Usual {
  /** Shortest and longest. */
  readonly seconds: readonly [number, number];
  /** Strikes; null = as often as it fits. */
  readonly count: readonly [number, number] | null;
}

/** How long each fault usually strikes: long enough to be noticed, short enough to be healed. */
const USUAL: Readonly<Record<Fault, Usual>> = {
  rate_limited: { seconds: [2, 15], count: null },
  rate_limited_retry_after: { seconds: [2, 10], count: null },
  cloudflare_html: { seconds: [5, 30], count: null },
  restarting: { seconds: [10, 90], count: null },
  forbidden: { seconds: [1, 5], count: null },
  unavailable: { seconds: [5, 60], count: null },
  timeout_executed: { seconds: [30, 60], count: [1, 3] },
  timeout_lost: { seconds: [30, 60], count: [1, 3] },
  slow: { seconds: [5, 30], count: null },
  refuse_connect: { seconds: [2, 30], count: null },
  disconnect: { seconds: [1, 1], count: null },
  resubscribe_loop: { seconds: [3, 15], count: null },
  frozen: { seconds: [30, 120], count: null },
  silent: { seconds: [30, 120], count: null },
  gap: { seconds: [30, 60], count: [1, 3] },
  drop_some: { seconds: [5, 20], count: null },
  duplicate: { seconds: [30, 60], count: [1, 5] },
  double_some: { seconds: [5, 20], count: null },
  reorder: { seconds: [30, 60], count: [1, 3] },
  malformed: { seconds: [30, 60], count: [1, 3] },
  burst: { seconds: [3, 10], count: null },
};

/** Faults of one plan; more are not made. */
const MAX_FAULTS = 100_000;

/** A schedule from a seed: gaps uniform in [0, 2 x mean], kinds by weight, lengths and counts as usual for each kind. */
export function randomFaults(rng: Rng, options: RandomFaultOptions): FaultPlan {
  const { spanMicros, meanGapMicros, quietMicros = 0, weights = {}, hosts = [] } = options;
  const kinds = (Object.keys(USUAL) as Fault[]).map((fault) => ({ fault, weight: weights[fault] ?? 1 }));
  const total = kinds.reduce((sum, each) => sum + each.weight, 0);
  const plan: PlannedFault[] = [];
  if (total <= 0) return plan;
  let afterMicros = quietMicros;
  for (;;) {
    afterMicros += Math.round(2 * meanGapMicros * rng.next());
    const leftMicros = spanMicros - quietMicros - afterMicros;
    if (leftMicros <= 0 || plan.length >= MAX_FAULTS) return plan;
    const fault = drawn(kinds, total * rng.next());
    const { seconds, count } = USUAL[fault];
    plan.push({
      afterMicros,
      fault,
      host: hosts.length > 0 ? hosts[rng.int(hosts.length)]! : null,
      durationMicros: Math.min(leftMicros, between(seconds, rng) * 1_000_000),
      count: count === null ? null : between(count, rng),
    });
  }
}

function drawn(kinds: readonly { readonly fault: Fault; readonly weight: number }[], at: number): Fault {
  let left = at;
  for (const { fault, weight } of kinds) {
    left -= weight;
    if (left < 0) return fault;
  }
  return kinds.findLast((each) => each.weight > 0)!.fault;
}

function between([low, high]: readonly [number, number], rng: Rng): number {
  return low + rng.int(high - low + 1);
}
