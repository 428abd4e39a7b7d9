/**
 * Poll scheduling: value found at an equal budget by EMP's index, by uniform polling, by fixed tiers with the true
 * ranking, and by polling in proportion to rate x value, against the bound that no policy can beat that sees only its
 * polls. 2,000 markets, 2 opportunities per second, heavy tails, median life 16 s. Simulated time; then the CPU of a poll.
 *
 * Usage: node bench/scheduler.ts [seeds=2] [budgets=5,20,60]
 */
import type { Micros } from "../src/contracts/index.ts";
import { DEFAULT_SCHEDULER } from "../src/feed/polling/options.ts";
import { PollScheduler } from "../src/feed/polling/scheduler.ts";
import {
  bestTierRates,
  IndexPolicy,
  PeriodicPolicy,
  proportionalRates,
  roughMarkets,
  tierRates,
  truePriors,
  uniformRates,
} from "./scheduler-policies.ts";
import { DEFAULT_WORLD, type Outcome, PollWorld, type WorldOptions } from "./scheduler-world.ts";

const SEEDS = Number(process.argv[2] ?? 2);
const BUDGETS = (process.argv[3] ?? "5,20,60").split(",").map(Number);
const MAX_AGE_SECONDS = 1_800;
/** The budget that the goals are stated for. */
const GOAL_BUDGET = 20;

/** The cost of a poll is measured at a budget that goes round all books in this time. */
const ROUND_SECONDS = 100;

let missed = 0;

function measure(options: WorldOptions) {
  const world = new PollWorld(options);
  const { markets } = world;
  const { pollsPerSecond: budget, seed } = options;
  const fixed = (rates: number[]): Outcome => world.run(new PeriodicPolicy(rates, seed));
  const index = (priors: ReturnType<typeof truePriors>, learns: boolean, hears: boolean): Outcome =>
    world.run(new IndexPolicy(priors, { learns, hears, maxAgeSeconds: MAX_AGE_SECONDS }));
  const rough = truePriors(roughMarkets(markets, 1, seed));
  return {
    bound: world.bound(),
    index: index(truePriors(markets), false, false),
    learned: index(rough, true, false),
    heard: index(rough, true, true),
    uniform: fixed(uniformRates(markets, budget)),
    tiers: fixed(tierRates(markets, budget)),
    bestTiers: fixed(bestTierRates(markets, budget)),
    proportional: fixed(proportionalRates(markets, budget)),
  };
}

type Measured = ReturnType<typeof measure>;

/** The least and the largest of a ratio over the seeds. */
function row(name: string, all: readonly Measured[], ratio: (each: Measured) => number, goal = 0): void {
  const values = all.map(ratio);
  const least = Math.min(...values);
  const text = `${least.toFixed(3)}-${Math.max(...values).toFixed(3)}`;
  if (least < goal) missed++;
  console.log(`${name} | ${text} | ${goal === 0 ? "" : `at least ${goal}${least < goal ? " MISSED" : ""}`}`);
}

function table(title: string, options: Omit<WorldOptions, "seed">, goals: boolean): void {
  const all = Array.from({ length: SEEDS }, (_, seed) => measure({ ...options, seed: seed + 1 }));
  const boundOf = ({ bound }: Measured): number => bound[0] + bound[1];
  const goal = (value: number): number => (goals ? value : 0);
  console.log(`\n# ${title}\nratio | range over ${SEEDS} seeds | goal`);
  row("index / bound", all, (m) => m.index.total / boundOf(m), goal(0.97));
  row("index / uniform", all, (m) => m.index.total / m.uniform.total, goal(2));
  row("index / fixed tiers 10:30:60, true ranking", all, (m) => m.index.total / m.tiers.total, goal(1.05));
  row("index / best three tiers, true ranking", all, (m) => m.index.total / m.bestTiers.total, goal(1.05));
  row("index / proportional", all, (m) => m.index.total / m.proportional.total);
  row(
    "learned, second half / fixed tiers, true ranking",
    all,
    (m) => m.learned.halves[1] / m.tiers.halves[1],
    goal(1.1),
  );
  row("learned, second half / best tiers", all, (m) => m.learned.halves[1] / m.bestTiers.halves[1]);
  row("learned, second half / bound", all, (m) => m.learned.halves[1] / m.bound[1]);
  row("learned and signals / bound", all, (m) => m.heard.total / boundOf(m), goal(0.97));
  row("learned and signals / uniform", all, (m) => m.heard.total / m.uniform.total, goal(2));
  row("learned and signals / best tiers", all, (m) => m.heard.total / m.bestTiers.total, goal(1.05));
  row(
    "learned and signals, second half / best tiers",
    all,
    (m) => m.heard.halves[1] / m.bestTiers.halves[1],
    goal(1.1),
  );
  row(
    "age limit / longest age",
    all,
    (m) => {
      return MAX_AGE_SECONDS / Math.max(m.index.maxAgeSeconds, m.heard.maxAgeSeconds);
    },
    goal(1),
  );
  row("fewest polls of any market", all, (m) => Math.min(m.index.fewestPolls, m.heard.fewestPolls), goal(1));
}

/** CPU microseconds per poll, `batch` at a time, with `books` books. */
function cost(books: number, batch: number): number {
  const scheduler = new PollScheduler({ ...DEFAULT_SCHEDULER, maxBooks: books });
  const start = 1_700_000_000_000_000;
  for (let book = 0; book < books; book++) {
    const spread = Math.exp(((book * 7_919) % 1_000) / 125 - 4);
    const life = 16e6 * Math.exp(((book * 104_729) % 1_000) / 250 - 2);
    scheduler.add(book, { perSecond: spread / books, value: 1, lifeMicros: life }, start as Micros);
  }
  const polls = 40_000;
  let at = start;
  const step = (): void => {
    at += (batch * ROUND_SECONDS * 1e6) / books;
    for (const book of scheduler.due(at as Micros, batch, 0)) {
      scheduler.polled(book, at as Micros, { count: book % 40 === 0 ? 1 : 0, value: 1 });
    }
  };
  for (let done = 0; done < books * 1.5; done += batch) step();
  const before = process.cpuUsage();
  for (let done = 0; done < polls; done += batch) step();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / polls;
}

for (const budget of BUDGETS) {
  const goals = budget === GOAL_BUDGET;
  table(`${budget} polls per second, steady`, { ...DEFAULT_WORLD, pollsPerSecond: budget }, goals);
}
table(
  `${GOAL_BUDGET} polls per second, markets active 5 of 50 minutes`,
  { ...DEFAULT_WORLD, pollsPerSecond: GOAL_BUDGET, phases: [300, 2_700] },
  false,
);

console.log("\n# CPU per poll, decision and learning\nbooks | one at a time | by 100");
for (const books of [1_000, 10_000, 100_000]) {
  console.log(`${books} | ${cost(books, 1).toFixed(1)} us | ${cost(books, 100).toFixed(1)} us`);
}
if (missed > 0) {
  console.log(`\n${missed} goals missed`);
  process.exitCode = 1;
}
