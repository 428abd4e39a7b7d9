import { beforeAll, describe, expect, it } from "vitest";
import type { Plant } from "../../src/sim/world/actions.ts";
import { carriesOut, demoProfile, rowsOf, simulate } from "./simulate.ts";
import { pico, type Watched, watch } from "./watch.ts";

/** More seeds on demand; each plays `SECONDS` of simulated time. */
const SEEDS = Array.from(
  { length: Number(process.env["EMP_SIM_SEEDS"] ?? 4) },
  (_, index) => `sim-${index + 1}`,
);
const SECONDS = 90;
/** A plant's label and its last frame lie within this. */
const EDGE_MICROS = 5_000;
/** Opportunities that last this long get a size, unless one of their books is silent all the while. */
const LONG_MICROS = 8_000_000;
/** After a fault a book may show a plant that has gone until it is healed. */
const HEALING_MICROS = 8_000_000;

const runs = new Map<string, Watched>();
const allRuns = () => [...runs.values()];

beforeAll(() => {
  for (const seed of SEEDS) runs.set(seed, watch(demoProfile(seed), SECONDS));
});

describe.each(SEEDS)("the demo world with seed %s", (seed) => {
  const watched = () => runs.get(seed)!;
  const run = () => watched().run;

  it("judges alike when it is played again", () => {
    expect(simulate(demoProfile(seed), SECONDS).digest).toBe(run().digest);
  });

  it("never lets time go back, in facts or in what is recorded of judgements", () => {
    expect(watched().backwards).toEqual([]);
    const { instants } = run().ear;
    expect(instants.filter((at, index) => index > 0 && at < instants[index - 1]!)).toEqual([]);
  });

  it("keeps its ledger balanced after every fact, never overdrawn, never oversold", () => {
    expect(watched().unbalanced).toEqual([]);
    expect(run().session.engine.desk.ledger.anomalies).toEqual({ overdrawn: 0, oversold: 0 });
  });

  it("keeps open plans within every cap", () => {
    expect(watched().beyondCaps).toEqual([]);
  });

  it("approves no plan on a barred quote", () => {
    expect(watched().barredLegs).toEqual([]);
  });

  it("gives every order an id of its own, and every answer belongs to an order", () => {
    const orders = run().ear.decisions.flatMap(({ decision }) =>
      decision.kind === "command.issued" && decision.command.kind === "venue.submit"
        ? [decision.command.order.id]
        : [],
    );
    expect(new Set(orders).size).toBe(orders.length);
    const unknown = run().ear.updates.filter(({ orderId }) => !orders.includes(orderId));
    expect(unknown).toEqual([]);
    const executions = run().ear.updates.flatMap(({ fills }) => fills.map(({ execId }) => execId));
    expect(new Set(executions).size).toBe(executions.length);
  });

  it("closes every opened opportunity with exactly one row", () => {
    const opened = run().ear.decisions.flatMap(({ decision }) =>
      decision.kind === "opportunity.detected" ? [decision.id] : [],
    );
    const rows = rowsOf(run());
    expect(rows.map(({ id }) => id).sort()).toEqual([...opened].sort());
    expect(new Set(opened).size).toBe(opened.length);
    expect(opened.length).toBeGreaterThan(0);
  });

  it("has an equity of start, rows and what came outside of them", () => {
    const { equity, startCash, outsideRows } = run().session.engine.desk.summary();
    const rows = rowsOf(run()).reduce((sum, row) => sum + pico(row.simulatedRealised), 0n);
    expect(pico(startCash) + rows + pico(outsideRows)).toBe(pico(equity));
    // Nothing settles in so short a run: only claims of several plans that net are outside, and netting never costs.
    expect(pico(outsideRows)).toBeGreaterThanOrEqual(0n);
  });

  it("fills no more than was planned, and pays in each row what its fills say", () => {
    for (const row of rowsOf(run())) {
      if (row.outcome === "refused") expect(row).toMatchObject({ fills: [], simulatedRealised: "0" });
      const fees = row.fills.reduce((sum, { fee }) => sum + BigInt(fee), 0n);
      expect(pico(row.fees)).toBe(fees);
      expect(Number(row.lotsFilled)).toBeLessThanOrEqual(Number(row.lotsPlanned));
    }
  });

  it("finds every undisturbed genuine plant", () => {
    const { plants, ear, endedAt } = run();
    const genuine = plants.filter(
      (plant) => plant.decoy === null && !plant.disturbed && plant.until < endedAt,
    );
    const missed = genuine.filter(
      (plant) => !ear.found.some(({ at, finding }) => covers(plant, finding, at, EDGE_MICROS)),
    );
    expect(missed).toEqual([]);
    expect(genuine.length).toBeGreaterThan(0);
  });

  it("finds nothing that was not planted", () => {
    const { plants, ear } = run();
    const genuine = plants.filter((plant) => plant.decoy === null);
    const unplanted = ear.found.filter(
      ({ at, finding }) =>
        !genuine.some((plant) => covers(plant, finding, at, plant.disturbed ? HEALING_MICROS : EDGE_MICROS)),
    );
    expect(
      unplanted.map(({ at, finding }) => [at, finding.family, finding.style, finding.guaranteed]),
    ).toEqual([]);
  });

  it("plans and fills no trap", () => {
    const { plants } = run();
    const traps = plants.filter((plant) => plant.decoy !== null);
    const caught = rowsOf(run()).filter((row) =>
      traps.some((trap) => covers(trap, row, row.foundAt, EDGE_MICROS) && row.planned !== "0"),
    );
    expect(caught).toEqual([]);
    expect(traps.length).toBeGreaterThan(3);
  });
});

describe("the demo worlds together", () => {
  it("plan nearly all genuine opportunities that last, and most of what fills makes money", () => {
    const lasting = allRuns().flatMap(({ run }) =>
      run.plants
        .filter(
          (p) => p.decoy === null && !p.disturbed && p.until - p.from >= LONG_MICROS && p.until < run.endedAt,
        )
        .map((plant) => rowsOf(run).filter((row) => covers(plant, row, row.foundAt, EDGE_MICROS))),
    );
    const planned = lasting.filter((rows) => rows.some(({ planned }) => planned !== "0"));
    expect(lasting.length).toBeGreaterThan(2);
    expect(planned.length).toBeGreaterThan(lasting.length * 0.7);
    const filled = allRuns().flatMap(({ run }) => rowsOf(run).filter((row) => row.outcome === "filled"));
    const paid = filled.filter((row) => pico(row.simulatedRealised) > 0n);
    expect(filled.length).toBeGreaterThan(SEEDS.length);
    expect(paid.length).toBeGreaterThan(filled.length * 0.8);
  });

  it("differ from seed to seed", () => {
    expect(new Set(allRuns().map(({ run }) => run.digest)).size).toBe(SEEDS.length);
  });
});

function covers(
  plant: Plant,
  { family, style }: { readonly family: string; readonly style: string },
  at: number,
  slack: number,
): boolean {
  return (
    plant.family === family &&
    carriesOut(plant, style) &&
    at >= plant.from - EDGE_MICROS &&
    at <= plant.until + slack
  );
}
