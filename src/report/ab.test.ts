import fc from "fast-check";
import { expect, it } from "vitest";
import { SeededRng } from "../sim/rng.ts";
import { BLOCK_MICROS, buildAb, reconcileAb } from "./ab.ts";
import { money, sumOf } from "./money.ts";
import type { ReportRow } from "./run-files.ts";
import { openedRow, randomRows, runOf } from "./test-run.ts";

const rng = () => new SeededRng(1);
const compare = (a: readonly ReportRow[], b: readonly ReportRow[]) =>
  buildAb(runOf(a, { digest: "aa" }), runOf(b, { digest: "bb" }), null, rng());

/** Twelve families, one opened row each, in different hours. */
const arm = (pnl: string, patch: Partial<ReportRow> = {}) =>
  Array.from({ length: 12 }, (_, index) =>
    openedRow(`r${index}`, `f${index}`, pnl, { foundAt: index * BLOCK_MICROS, ...patch }),
  );

it("calls a run against itself identical", () => {
  const run = runOf(arm("1"));
  const report = buildAb(run, run, null, rng());
  expect(report.verdict).toBe("identical");
  expect(report.plain.total).toBe("0");
});

it("names the better run when it is better in every family, as traded and per capital", () => {
  expect(compare(arm("1"), arm("1.5")).verdict).toBe("b");
  expect(compare(arm("1.5"), arm("1")).verdict).toBe("a");
});

it("is inconclusive when more profit came from more capital only", () => {
  const report = compare(arm("1"), arm("2", { capital: "100" }));
  expect(report.plain.total).toBe("12");
  expect(report.equalTurnover?.total).toBe("0");
  expect(report.verdict).toBe("inconclusive");
});

it("is inconclusive when one pair makes the difference", () => {
  const better = arm("1").map((row, index) => (index === 3 ? { ...row, simulatedRealised: "40" } : row));
  const report = compare(arm("1"), better);
  expect(report.plain.total).toBe("39");
  expect(report.plain.withoutOutliers).toBe("0");
  expect(report.verdict).toBe("inconclusive");
});

it("scales each run to the smaller turnover", () => {
  const report = compare(arm("1", { capital: "25" }), arm("3", { capital: "100" }));
  expect([report.a.turnover, report.b.turnover]).toEqual(["300", "1200"]);
  expect(report.equalTurnover?.total).toBe("-3");
});

it("has no comparison at equal turnover when a run committed nothing", () => {
  const report = compare(arm("1"), []);
  expect(report.equalTurnover).toBeNull();
  expect(report.verdict).toBe("inconclusive");
});

it("pairs by family and hour, and counts a run that stayed away as 0", () => {
  const a = [
    openedRow("1", "f", "1", { foundAt: 0 }),
    openedRow("2", "f", "2", { foundAt: BLOCK_MICROS - 1 }),
  ];
  const b = [openedRow("1", "f", "5", { foundAt: 10 }), openedRow("2", "f", "7", { foundAt: BLOCK_MICROS })];
  const report = compare(a, b);
  expect(report.plain.pairs).toBe(2);
  expect(report.plain.total).toBe("9");
  expect(report.plain.meanPerPair).toBe(4.5);
});

it("reconciles with the rows of both runs, and turns its sign with the order of the runs", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(60), (seedA, seedB, count) => {
      const a = runOf(randomRows(new SeededRng(seedA), count), { digest: "aa" });
      const b = runOf(randomRows(new SeededRng(seedB), 60), { digest: "bb" });
      const report = buildAb(a, b, null, rng());
      expect(reconcileAb(report, a, b).filter((check) => !check.ok)).toEqual([]);
      const differences = report.families.map((family) => money(family.difference));
      expect(sumOf(differences)).toBe(money(report.plain.total));
      expect(money(buildAb(b, a, null, rng()).plain.total)).toBe(-money(report.plain.total));
    }),
    { numRuns: 4 },
  );
});
