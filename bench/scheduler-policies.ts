/** Poll policies that the bench `scheduler.ts` compares: EMP's scheduler and its baselines. */
import type { Micros } from "../src/contracts/index.ts";
import { capturedShare } from "../src/feed/polling/index-value.ts";
import { type BookPrior, DEFAULT_SCHEDULER, type SchedulerOptions } from "../src/feed/polling/options.ts";
import { PollScheduler } from "../src/feed/polling/scheduler.ts";
import { SeededRng } from "../src/sim/rng.ts";
import { type Market, normal, type Policy } from "./scheduler-world.ts";

const START = 1_700_000_000_000_000;

/** Fixed tiers by rank: share of the markets, share of the budget. */
const TIERS: readonly (readonly [number, number])[] = [
  [0.1, 0.5],
  [0.3, 0.3],
  [0.6, 0.2],
];

/** EMP's scheduler. `learns`: from what it finds, starting at `priors`; else `priors` are taken as the truth. */
export class IndexPolicy implements Policy {
  readonly scheduler: PollScheduler;
  readonly #hears: boolean;

  constructor(
    priors: readonly BookPrior[],
    options: { readonly learns: boolean; readonly hears: boolean; readonly maxAgeSeconds: number },
    overrides: Partial<SchedulerOptions> = {},
  ) {
    this.#hears = options.hears;
    this.scheduler = new PollScheduler({
      ...DEFAULT_SCHEDULER,
      maxBooks: priors.length,
      maxAgeMicros: options.maxAgeSeconds * 1e6,
      ...(options.learns ? {} : { rateStrength: Number.POSITIVE_INFINITY, recentBoost: 0 }),
      ...overrides,
    });
    priors.forEach((prior, market) => {
      this.scheduler.add(market, prior, START as Micros);
    });
  }

  next(now: number): number {
    return this.scheduler.due(instant(now), 1, 0)[0] ?? -1;
  }

  signal(market: number, now: number): void {
    if (this.#hears) this.scheduler.touch(market, "stream_update", instant(now));
  }

  answered(market: number, now: number, count: number, value: number): void {
    this.scheduler.polled(market, instant(now), { count, value });
  }

  lived(market: number, seconds: number, ended: boolean): void {
    this.scheduler.lived(market, seconds * 1e6, ended);
  }
}

/** Each market at a fixed rate, evenly spaced (stride scheduling): uniform, tiers and proportional differ in the rates. */
export class PeriodicPolicy implements Policy {
  readonly #stride: Float64Array;
  readonly #heap: Int32Array;
  readonly #due: Float64Array;

  constructor(rates: readonly number[], seed: number) {
    const rng = new SeededRng(`phases-${seed}`);
    this.#stride = Float64Array.from(rates, (rate) => (rate > 0 ? 1 / rate : Number.POSITIVE_INFINITY));
    this.#due = this.#stride.map((stride) => stride * rng.next());
    this.#heap = Int32Array.from(rates.keys());
    this.#heap.sort((a, b) => this.#due[a]! - this.#due[b]!);
  }

  next(): number {
    const market = this.#heap[0]!;
    this.#due[market]! += this.#stride[market]!;
    this.#sink();
    return market;
  }

  #sink(): void {
    const heap = this.#heap;
    const market = heap[0]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#due[heap[child + 1]!]! < this.#due[heap[child]!]!) child++;
      if (this.#due[heap[child]!]! >= this.#due[market]!) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = market;
  }
}

export function uniformRates(markets: readonly Market[], budget: number): number[] {
  return markets.map(() => budget / markets.length);
}

/** Polls in proportion to rate x value. */
export function proportionalRates(markets: readonly Market[], budget: number): number[] {
  const total = markets.reduce((sum, { rate, value }) => sum + rate * value, 0);
  return markets.map(({ rate, value }) => (budget * rate * value) / total);
}

/** Fixed tiers by a ranking of rate x value. */
export function tierRates(markets: readonly Market[], budget: number, tiers = TIERS): number[] {
  const order = [...markets.keys()].sort(
    (a, b) => markets[b]!.rate * markets[b]!.value - markets[a]!.rate * markets[a]!.value,
  );
  const rates: number[] = new Array(markets.length).fill(0);
  let from = 0;
  for (const [share, budgetShare] of tiers) {
    const to = Math.min(markets.length, from + Math.round(share * markets.length));
    for (const market of order.slice(from, to)) rates[market] = (budget * budgetShare) / (to - from);
    from = to;
  }
  return rates;
}

/** Fixed tiers with a true ranking, cut and funded as well as three tiers can be: the best of a grid, in closed form. */
export function bestTierRates(markets: readonly Market[], budget: number): number[] {
  let best: number[] = [];
  let bestValue = -1;
  for (const hot of [0.02, 0.05, 0.1, 0.15, 0.2])
    for (const warm of [0.1, 0.2, 0.3, 0.4])
      for (const hotShare of [0.3, 0.4, 0.5, 0.6, 0.7])
        for (const warmShare of [0.15, 0.2, 0.3, 0.4, 0.5]) {
          const coldShare = 1 - hotShare - warmShare;
          if (coldShare < 0.02) continue;
          const tiers = [
            [hot, hotShare],
            [warm, warmShare],
            [1 - hot - warm, coldShare],
          ] as const;
          const rates = tierRates(markets, budget, tiers);
          const value = expectedValue(markets, rates);
          if (value > bestValue) [best, bestValue] = [rates, value];
        }
  return best;
}

function expectedValue(markets: readonly Market[], rates: readonly number[]): number {
  return markets.reduce(
    (sum, { rate, value, decay }, i) => sum + rate * value * capturedShare(decay, 1 / rates[i]!),
    0,
  );
}

/** What true metadata would say. */
export function truePriors(markets: readonly Market[]): BookPrior[] {
  return markets.map(({ rate, value, decay }) => ({ perSecond: rate, value, lifeMicros: 1e6 / decay }));
}

/** Metadata that is wrong by lognormal factors of the given deviations. */
export function roughMarkets(markets: readonly Market[], sigma: number, seed: number): Market[] {
  const rng = new SeededRng(`rough-${seed}`);
  return markets.map(({ rate, value, decay }) => ({
    rate: rate * Math.exp(sigma * normal(rng)),
    value: value * Math.exp((sigma / 2) * normal(rng)),
    decay: decay * Math.exp((sigma / 2) * normal(rng)),
  }));
}

function instant(seconds: number): Micros {
  return (START + Math.round(seconds * 1e6)) as Micros;
}
