import { beforeAll, describe, expect, it } from "vitest";
import { demoProfile, rowsOf } from "./simulate.ts";
import { pico, type Watched, watch } from "./watch.ts";

/** Events live for about a minute here, so that most of what is bought settles within the run. */
const SECONDS = 180;

function profile(seed: string) {
  const demo = demoProfile(seed);
  return { ...demo, world: { ...demo.world!, eventLifeMs: 60_000, plantEveryMs: 5_000 } };
}

describe("a world whose markets end", () => {
  let watched: Watched;
  beforeAll(() => {
    watched = watch(profile("endings"), SECONDS);
  });
  const desk = () => watched.run.session.engine.desk;
  const view = () => watched.run.session.engine.replica.view;

  it("keeps every law of the ledger, of the caps and of time while markets settle", () => {
    const { unbalanced, backwards, barredLegs, beyondCaps } = watched;
    expect({ unbalanced, backwards, barredLegs, beyondCaps }).toEqual({
      unbalanced: [],
      backwards: [],
      barredLegs: [],
      beyondCaps: [],
    });
    expect(desk().ledger.anomalies).toEqual({ overdrawn: 0, oversold: 0 });
  });

  it("holds nothing of a market that has settled", () => {
    const statusOf = new Map<string, string>();
    for (let family = 0; family < view().familyCount(); family++) {
      for (const book of view().family(family).members) {
        const instrument = view().instrument(book)!;
        statusOf.set(instrument.market, instrument.status);
      }
    }
    const held = desk().ledger.holdings();
    expect([...statusOf.values()].filter((status) => status === "resolved").length).toBeGreaterThan(10);
    expect(held.filter(({ market }) => statusOf.get(market) === "resolved")).toEqual([]);
  });

  it("never pays less at settlement than the worst state that a row was closed at", () => {
    const { equity, startCash, outsideRows } = desk().summary();
    const rows = rowsOf(watched.run).reduce((sum, row) => sum + pico(row.simulatedRealised), 0n);
    expect(pico(startCash) + rows + pico(outsideRows)).toBe(pico(equity));
    expect(pico(outsideRows)).toBeGreaterThanOrEqual(0n);
    expect(rowsOf(watched.run).filter(({ outcome }) => outcome === "filled").length).toBeGreaterThan(3);
  });

  it("plans nothing on a market that closes too soon", () => {
    const { minTimeToCloseMs } = profile("endings").risk;
    for (const { decision, at } of watched.run.ear.decisions) {
      if (decision.kind !== "plan.approved") continue;
      for (const { book } of decision.legs) {
        expect(view().instrument(book)!.closesAt! - at).toBeGreaterThanOrEqual(minTimeToCloseMs * 1_000);
      }
    }
  });
});
