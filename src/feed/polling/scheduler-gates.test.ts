import { describe, expect, it } from "vitest";
import {
  bestTierRates,
  IndexPolicy,
  PeriodicPolicy,
  roughMarkets,
  tierRates,
  truePriors,
  uniformRates,
} from "../../../bench/scheduler-policies.ts";
import { DEFAULT_WORLD, PollWorld } from "../../../bench/scheduler-world.ts";

const MAX_AGE_SECONDS = 1_800;
const BUDGET = DEFAULT_WORLD.pollsPerSecond;

/** The goals of docs/scheduling.md at 20 polls per second; the bench prints the same ratios. */
describe.each([1, 2, 3])("seed %i", (seed) => {
  const world = new PollWorld({ ...DEFAULT_WORLD, seed });
  const { markets } = world;
  const [first, second] = world.bound();
  const bound = first + second;
  const uniform = world.run(new PeriodicPolicy(uniformRates(markets, BUDGET), seed));
  const tiers = world.run(new PeriodicPolicy(tierRates(markets, BUDGET), seed));
  const bestTiers = world.run(new PeriodicPolicy(bestTierRates(markets, BUDGET), seed));

  it("the index with true terms nearly reaches the bound", () => {
    const index = world.run(
      new IndexPolicy(truePriors(markets), { learns: false, hears: false, maxAgeSeconds: MAX_AGE_SECONDS }),
    );
    expect(index.total / bound).toBeGreaterThanOrEqual(0.97);
    expect(index.total / uniform.total).toBeGreaterThanOrEqual(2);
    expect(index.total / tiers.total).toBeGreaterThanOrEqual(1.05);
    expect(index.total / bestTiers.total).toBeGreaterThanOrEqual(1.05);
    expect(index.maxAgeSeconds).toBeLessThanOrEqual(MAX_AGE_SECONDS);
    expect(index.fewestPolls).toBeGreaterThanOrEqual(1);
  });

  it("learning from rough metadata, with signals, beats tiers that know the true ranking", () => {
    const rough = truePriors(roughMarkets(markets, 1, seed));
    const policy = new IndexPolicy(rough, { learns: true, hears: true, maxAgeSeconds: MAX_AGE_SECONDS });
    const heard = world.run(policy);
    expect(heard.total / bound).toBeGreaterThanOrEqual(0.97);
    expect(heard.total / uniform.total).toBeGreaterThanOrEqual(2);
    expect(heard.total / bestTiers.total).toBeGreaterThanOrEqual(1.05);
    expect(heard.halves[1] / bestTiers.halves[1]).toBeGreaterThanOrEqual(1.1);
    expect(heard.maxAgeSeconds).toBeLessThanOrEqual(MAX_AGE_SECONDS);
    expect(heard.fewestPolls).toBeGreaterThanOrEqual(1);
    const { hot, warm, cold } = policy.scheduler.tierCounts();
    expect(hot + warm + cold).toBe(markets.length);
    expect(hot).toBeLessThan(markets.length / 4);
  });
});
