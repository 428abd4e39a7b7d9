import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Finding, type LaneModule, type Reason, reasonOf } from "../../src/contracts/index.ts";
import { checkBound } from "../../src/proof/binding.ts";
import { checkContext } from "../../src/proof/context.ts";
import { LANES } from "../../src/registry.gen.ts";
import { takenSide } from "../taken-side.ts";
import { LANE_MARKET, type LaneMarket, sha256 } from "./lane-market.ts";

/** Every lane of the registry must pass; a new one needs no new test here. */

const RUNS = Number(process.env["EMP_CONFORMANCE_RUNS"] ?? 60) * 5;

interface Scanned {
  readonly findings: readonly Finding[];
  /** Diagnoses by family index, in order. */
  readonly diagnoses: readonly (readonly [family: number, reason: Reason | undefined])[];
}

function scan(
  module: LaneModule<unknown>,
  { view, families }: LaneMarket,
  only = families.map((_, index) => index),
): Scanned {
  const findings: Finding[] = [];
  const diagnoses: [number, Reason | undefined][] = [];
  // Behind the count lies what an earlier scan left: it must not be read.
  const changed = Int32Array.from([...only, 9_999]);
  const before = [...changed];
  module.create(module.parse({})).scan(view, changed, only.length, {
    finding: (finding) => void findings.push(finding),
    diagnose: (index, number) => void diagnoses.push([index, reasonOf(number)]),
  });
  expect([...changed]).toEqual(before);
  return { findings, diagnoses };
}

/** A sample wide enough that a lane finds something in it. */
const SAMPLE = fc.sample(LANE_MARKET, { numRuns: RUNS, seed: 42 });

describe.each([...LANES])("lane %s", (id, lane) => {
  it("has the id of its folder, a test of its own and a README", () => {
    const files = readdirSync(join(import.meta.dirname, "..", "..", "lanes", id)).map(String);
    expect(lane.id).toBe(id);
    expect(lane.about).not.toBe("");
    expect(files.some((file) => file.endsWith(".test.ts"))).toBe(true);
    expect(files).toContain("README.md");
  });

  it("refuses options it does not know, and says which", () => {
    expect(() => lane.parse({ noSuchOption: 1 })).toThrow(/noSuchOption/);
    expect(() => lane.parse("text")).toThrow(/expected/);
    expect(() => lane.parse({})).not.toThrow();
  });

  it("diagnoses every family it looks at exactly once, with a reason that lanes give, and nothing else", () => {
    const kinds = new Set<string>();
    for (const market of SAMPLE) {
      const { diagnoses } = scan(lane, market);
      const indices = diagnoses.map(([index]) => index);
      expect(new Set(indices).size).toBe(indices.length);
      for (const [index, reason] of diagnoses) {
        kinds.add(market.families[index]!.kind);
        expect(reason).toMatch(/^(lane|quote)\./);
      }
      const looked = market.families.filter(({ kind }) => kinds.has(kind)).length;
      expect(indices.length).toBe(looked);
    }
    expect(kinds.size).toBeGreaterThan(0);
  });

  it("emits exactly one finding for each family that it diagnoses as emitted, and none for the others", () => {
    let emitted = 0;
    for (const market of SAMPLE) {
      const { findings, diagnoses } = scan(lane, market);
      const said = diagnoses.flatMap(([index, reason]) =>
        reason === "lane.emitted" ? [market.families[index]!.id] : [],
      );
      expect(findings.map(({ family }) => family).sort()).toEqual(said.sort());
      for (const finding of findings) expect(finding.lane).toBe(id);
      emitted += findings.length;
    }
    expect(emitted).toBeGreaterThan(0);
  });

  it("gives the same answer to the same view, whichever families are asked with it", () => {
    for (const market of SAMPLE) {
      const all = scan(lane, market);
      expect(scan(lane, market)).toEqual(all);
      const alone = market.families.map((_, index) => scan(lane, market, [index]));
      expect(alone.flatMap(({ findings }) => findings)).toEqual(all.findings);
      expect(alone.flatMap(({ diagnoses }) => diagnoses)).toEqual(all.diagnoses);
    }
  });

  it("proves what it finds: the independent checker accepts every certificate on the books as they stand", () => {
    for (const market of SAMPLE) {
      for (const finding of scan(lane, market).findings) {
        const family = market.families.find((each) => each.id === finding.family)!;
        const context = checkContext(finding, market.view, family);
        expect(checkBound(finding.certificate, sha256, context)).toEqual({ ok: true });
        expect(BigInt(finding.guaranteed)).toBeGreaterThan(0n);
        expect(finding.confidence).toBeGreaterThan(0);
        expect(finding.confidence).toBeLessThanOrEqual(1);
      }
    }
  });

  it("never uses a barred or empty quote, an unknown fee or a book outside the family", () => {
    for (const market of SAMPLE) {
      for (const { family, legs } of scan(lane, market).findings) {
        const { members } = market.families.find((each) => each.id === family)!;
        for (const { book, action, lots } of legs) {
          const instrument = market.view.instrument(book)!;
          const side = takenSide(instrument.side, action);
          expect(members).toContain(book);
          expect(market.view.barred(book, side)).toBe(0);
          expect(market.view.ladder(book, side, 1)).toHaveLength(1);
          expect(instrument.fees.at(-1)!.spec.type).not.toBe("unknown");
          expect(lots).toBeGreaterThanOrEqual(instrument.minLots);
        }
      }
    }
  });

  it("rests on a label of an event only where the label is known", () => {
    for (const market of SAMPLE) {
      for (const { family: key, certificate } of scan(lane, market).findings) {
        const family = market.families.find((each) => each.id === key)!;
        const types = certificate.relations.map(({ type }) => type);
        if (types.includes("exhaustive")) expect(family.exhaustive.label).toBe("yes");
        if (types.includes("exclusive")) expect(family.exclusive.label).toBe("yes");
        if (family.kind === "event")
          expect([family.exhaustive.label, family.exclusive.label]).toContain("yes");
      }
    }
  });

  it("finds nothing on empty books", () => {
    for (const { view, families } of SAMPLE.slice(0, 50)) {
      const empty = { ...view, bestTicks: () => -1, bestLots: () => 0, ladder: () => [] };
      expect(scan(lane, { view: empty, families }).findings).toEqual([]);
    }
  });

  it("finds nothing when every quote is barred", () => {
    for (const { view, families } of SAMPLE.slice(0, 50)) {
      expect(scan(lane, { view: { ...view, barred: () => 153 }, families }).findings).toEqual([]);
    }
  });

  it("finds nothing when no fee is known", () => {
    for (const { view, families } of SAMPLE.slice(0, 50)) {
      const instrument: typeof view.instrument = (book) => ({ ...view.instrument(book)!, fees: [] });
      expect(scan(lane, { view: { ...view, instrument }, families }).findings).toEqual([]);
    }
  });
});
