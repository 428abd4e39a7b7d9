/**
 * A simulated universe for poll schedulers: opportunities arise by Poisson streams in many markets, heavy-tailed in rate,
 * value and life, and are gone after an exponential time. A poll finds those of one market that are alive. Every policy
 * meets the same opportunities. Part of the bench `scheduler.ts` and of the test that holds its gates.
 */
import type { Rng } from "../src/contracts/index.ts";
import { capturedShare, pollIndex } from "../src/feed/polling/index-value.ts";
import { SeededRng } from "../src/sim/rng.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly markets: number;
  /** Length of the run, and how much of it passes before value counts. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly pollsPerSecond: number;
  readonly opportunitiesPerSecond: number;
  readonly medianLifeSeconds: number;
  /** Mean seconds a market is active and quiet in turn; null = always active. The mean rate stays. */
  readonly phases: readonly [number, number] | null;
  /** Share of the opportunities that a stream signal announces, and false signals per true one. */
  readonly announced: number;
  readonly falseSignals: number;
}

export const DEFAULT_WORLD: WorldOptions = {
  seed: 1,
  markets: 2_000,
  seconds: 3_900,
  warmUpSeconds: 300,
  pollsPerSecond: 20,
  opportunitiesPerSecond: 2,
  medianLifeSeconds: 16,
  phases: null,
  announced: 0.3,
  falseSignals: 1,
};

/** True terms of a market: opportunities per second, mean value of one, ends per second. */
export interface Market {
  readonly rate: number;
  readonly value: number;
  readonly decay: number;
}

interface Opportunity {
  readonly market: number;
  readonly at: number;
  readonly endsAt: number;
  readonly value: number;
}

interface StreamSignal {
  readonly market: number;
  readonly at: number;
}

/** Decides which market the next slot polls. Seconds since the start. */
export interface Policy {
  next(now: number): number;
  signal?(market: number, now: number): void;
  answered?(market: number, now: number, count: number, value: number): void;
  /** A found opportunity was seen alive for `seconds`; `ended`: and then no more. */
  lived?(market: number, seconds: number, ended: boolean): void;
}

/** What a policy found, and how well it covered. */
export interface Outcome {
  /** Value found in the first and in the second half after the warm-up. */
  readonly halves: readonly [number, number];
  readonly total: number;
  /** Longest time any market went unseen, the start and the end included. */
  readonly maxAgeSeconds: number;
  /** Fewest polls any market got. */
  readonly fewestPolls: number;
}

const RATE_SIGMA = 1.6;
const VALUE_SIGMA = 1;
const LIFE_SIGMA = 1;
const NOISE_SIGMA = 0.5;
const MIN_LIFE_SECONDS = 0.5;

/** One universe with its history of opportunities. */
export class PollWorld {
  readonly options: WorldOptions;
  readonly markets: readonly Market[];
  readonly opportunities: readonly Opportunity[];
  readonly signals: readonly StreamSignal[];

  constructor(options: WorldOptions) {
    this.options = options;
    const rng = new SeededRng(`poll-world-${options.seed}`);
    this.markets = makeMarkets(options, rng.fork("markets"));
    this.opportunities = makeOpportunities(options, this.markets, rng.fork("opportunities"));
    this.signals = makeSignals(options, this.opportunities, rng.fork("signals"));
  }

  /** Runs a policy through the whole history. */
  run(policy: Policy): Outcome {
    const { seconds, pollsPerSecond, markets } = this.options;
    const open: Opportunity[][] = Array.from({ length: markets }, () => []);
    const standing: { readonly opportunity: Opportunity; readonly foundAt: number; seenAt: number }[][] =
      Array.from({ length: markets }, () => []);
    const seenAt = new Float64Array(markets);
    const polls = new Int32Array(markets);
    const halves: [number, number] = [0, 0];
    let maxAge = 0;
    let nextOpportunity = 0;
    let nextSignal = 0;
    const slots = Math.floor(seconds * pollsPerSecond);
    for (let slot = 1; slot <= slots; slot++) {
      const now = slot / pollsPerSecond;
      for (; (this.opportunities[nextOpportunity]?.at ?? seconds) < now; nextOpportunity++) {
        const opportunity = this.opportunities[nextOpportunity]!;
        open[opportunity.market]!.push(opportunity);
      }
      for (; (this.signals[nextSignal]?.at ?? seconds) < now; nextSignal++) {
        const signal = this.signals[nextSignal]!;
        policy.signal?.(signal.market, signal.at);
      }
      const market = policy.next(now);
      if (market < 0) continue;
      polls[market]!++;
      maxAge = Math.max(maxAge, now - seenAt[market]!);
      seenAt[market] = now;
      standing[market] = standing[market]!.filter((each) => {
        const alive = each.opportunity.endsAt > now;
        // Gone between two looks: on average in the middle.
        const until = alive ? now : (each.seenAt + now) / 2;
        policy.lived?.(market, until - each.seenAt, !alive);
        each.seenAt = now;
        return alive;
      });
      let count = 0;
      let value = 0;
      for (const opportunity of open[market]!) {
        if (opportunity.endsAt <= now) continue;
        count++;
        value += opportunity.value;
        standing[market]!.push({ opportunity, foundAt: now, seenAt: now });
      }
      open[market]!.length = 0;
      const half = this.#halfOf(now);
      if (half !== -1) halves[half]! += value;
      policy.answered?.(market, now, count, value);
    }
    for (const at of seenAt) maxAge = Math.max(maxAge, seconds - at);
    return {
      halves,
      total: halves[0] + halves[1],
      maxAgeSeconds: maxAge,
      fewestPolls: polls.reduce((least, each) => Math.min(least, each)),
    };
  }

  /**
   * The bound: the concave optimum's share of what really arose, by half. No policy that sees only its polls can
   * expect more (Jensen); one that hears signals can.
   */
  bound(): readonly [number, number] {
    const rates = optimalRates(this.markets, this.options.pollsPerSecond);
    const halves: [number, number] = [0, 0];
    for (const { market, at, value } of this.opportunities) {
      const rate = rates[market]!;
      const share = rate === 0 ? 0 : capturedShare(this.markets[market]!.decay, 1 / rate);
      const half = this.#halfOf(at);
      if (half !== -1) halves[half]! += value * share;
    }
    return halves;
  }

  /** 0 or 1, -1 = warm-up. */
  #halfOf(at: number): 0 | 1 | -1 {
    const { seconds, warmUpSeconds } = this.options;
    if (at < warmUpSeconds) return -1;
    return at * 2 < seconds + warmUpSeconds ? 0 : 1;
  }
}

/** Polls per second of each market that maximise sum(lambda v phi) under the budget, by bisection on the multiplier. */
function optimalRates(markets: readonly Market[], budget: number): number[] {
  let low = 0;
  let high = Math.max(...markets.map(({ rate, value, decay }) => (rate * value) / decay));
  const ratesAt = (level: number): number[] => markets.map((market) => rateAtLevel(market, level));
  for (let i = 0; i < 60; i++) {
    const level = (low + high) / 2;
    if (ratesAt(level).reduce((sum, rate) => sum + rate, 0) > budget) low = level;
    else high = level;
  }
  return ratesAt(high);
}

/** One over the age at which the index reaches a level; 0 when it never does. */
function rateAtLevel({ rate, value, decay }: Market, level: number): number {
  if ((rate * value) / decay <= level) return 0;
  let low = 0;
  let high = 50 / decay;
  for (let i = 0; i < 50; i++) {
    const age = (low + high) / 2;
    if (pollIndex(rate * value, decay, age) < level) low = age;
    else high = age;
  }
  return 1 / high;
}

function makeMarkets(options: WorldOptions, rng: Rng): Market[] {
  const raw = Array.from({ length: options.markets }, () => ({
    rate: Math.exp(RATE_SIGMA * normal(rng)),
    value: Math.exp(VALUE_SIGMA * normal(rng)),
    decay: 1 / Math.max(MIN_LIFE_SECONDS, options.medianLifeSeconds * Math.exp(LIFE_SIGMA * normal(rng))),
  }));
  const scale = options.opportunitiesPerSecond / raw.reduce((sum, { rate }) => sum + rate, 0);
  return raw.map((market) => ({ ...market, rate: market.rate * scale }));
}

function makeOpportunities(options: WorldOptions, markets: readonly Market[], rng: Rng): Opportunity[] {
  const all: Opportunity[] = [];
  markets.forEach((terms, market) => {
    for (const [from, to, rate] of activity(options, terms.rate, rng)) {
      for (let at = from + exponential(rng, rate); at < to; at += exponential(rng, rate)) {
        const value = terms.value * Math.exp(NOISE_SIGMA * normal(rng) - NOISE_SIGMA ** 2 / 2);
        all.push({ market, at, endsAt: at + exponential(rng, terms.decay), value });
      }
    }
  });
  return all.sort((a, b) => a.at - b.at);
}

/** Spans of time with the rate in them. */
function* activity(options: WorldOptions, rate: number, rng: Rng): Generator<[number, number, number]> {
  if (options.phases === null) {
    yield [0, options.seconds, rate];
    return;
  }
  const [active, quiet] = options.phases;
  const rateActive = (rate * (active + quiet)) / active;
  let isActive = rng.next() < active / (active + quiet);
  for (let at = 0; at < options.seconds; isActive = !isActive) {
    const end = at + exponential(rng, 1 / (isActive ? active : quiet));
    if (isActive) yield [at, Math.min(end, options.seconds), rateActive];
    at = end;
  }
}

/** True announcements, and false ones at random times in markets drawn as the true ones are. */
function makeSignals(options: WorldOptions, opportunities: readonly Opportunity[], rng: Rng): StreamSignal[] {
  const all: StreamSignal[] = [];
  for (const { market, at } of opportunities) {
    if (rng.next() >= options.announced) continue;
    all.push({ market, at });
    for (let i = 0; i < options.falseSignals; i++) all.push({ market, at: rng.next() * options.seconds });
  }
  return all.sort((a, b) => a.at - b.at);
}

function exponential(rng: Rng, rate: number): number {
  return -Math.log(1 - rng.next()) / rate;
}

/** Box-Muller. */
export function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}
