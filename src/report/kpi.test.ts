import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRng } from "../sim/rng.ts";
import { buildKpi } from "./kpi.ts";
import { money, moneyText } from "./money.ts";
import { isReconciled, reconcile } from "./reconcile.ts";
import type { ReportRow } from "./run-files.ts";
import { openedRow, randomRows, runOf } from "./test-run.ts";

const rng = () => new SeededRng(1);
const verdictFor = (rows: readonly ReportRow[]) => buildKpi(runOf(rows), rng()).verdict;
const steady = (pnl: string) =>
  Array.from({ length: 12 }, (_, index) => openedRow(`r${index}`, `f${index % 4}`, pnl, { closedAt: index }));

describe("verdict", () => {
  it("is profit or loss when every view and every family agrees", () => {
    expect(verdictFor(steady("0.5")).sign).toBe("profit");
    expect(verdictFor(steady("-0.5")).sign).toBe("loss");
  });

  it("is inconclusive when one outlier turns the sign", () => {
    const verdict = verdictFor([...steady("-0.5"), openedRow("big", "f9", "25")]);
    expect(verdict.signs[0]).toMatchObject({ name: "Raw total", amount: "19", sign: 1 });
    expect(verdict.signs[2]).toMatchObject({ name: "Outlier-removed total", amount: "-6", sign: -1 });
    expect(verdict.sign).toBe("inconclusive");
  });

  it("is inconclusive when the profit sits in micro prices or thin depth", () => {
    const thin = [0, 1, 2].map((index) =>
      openedRow(`t${index}`, `g${index}`, "9", { minDepthNotional: "9.99" }),
    );
    expect(verdictFor([...steady("-0.5"), ...thin]).sign).toBe("inconclusive");
  });

  it("is inconclusive when one family carries the result", () => {
    const rows = steady("-0.1").map((row) =>
      row.family === "f1" ? { ...row, simulatedRealised: "2" } : row,
    );
    const verdict = verdictFor(rows);
    expect(verdict.signs.find((entry) => entry.name.startsWith("Lowest"))?.sign).toBe(-1);
    expect(verdict.sign).toBe("inconclusive");
  });

  it("is inconclusive with one family only, and with nothing at all", () => {
    expect(verdictFor([openedRow("a", "f", "5"), openedRow("b", "f", "5")]).sign).toBe("inconclusive");
    expect(verdictFor([]).sign).toBe("inconclusive");
  });
});

describe("views", () => {
  it("keeps the edges of the micro-price band and of the depth", () => {
    const rows = [
      openedRow("edge", "f1", "1", { minAsk: "0.02", maxAsk: "0.98", minDepthNotional: "10" }),
      openedRow("low", "f2", "1", { minAsk: "0.0199" }),
      openedRow("high", "f3", "1", { maxAsk: "0.9801" }),
    ];
    const filtered = buildKpi(runOf(rows), rng()).views[1]!;
    expect([filtered.rows, filtered.removed]).toEqual([1, 2]);
  });

  it("chooses outliers among opened rows only", () => {
    const refusals = randomRows(new SeededRng(5), 900).filter((row) => row.outcome === "refused");
    const report = buildKpi(
      runOf([...refusals, openedRow("a", "f1", "1"), openedRow("b", "f2", "-2")]),
      rng(),
    );
    expect(report.views[2]!.removed).toBe(1);
    expect(report.views[2]!.removedPnl).toBe("-2");
  });

  it("counts a row of two venues once", () => {
    const report = buildKpi(runOf([openedRow("a", "f1", "1", { venues: ["polymarket", "kalshi"] })]), rng());
    expect(report.views[0]!.by.venues.map((group) => group.key)).toEqual(["kalshi + polymarket"]);
  });
});

it("measures drawdown from the running peak, start cash included", () => {
  const curve = [
    [1, "99"],
    [2, "104"],
    [3, "101.5"],
    [4, "103"],
  ] as const;
  const run = runOf([], { equity: curve, endedAt: 4 });
  const report = buildKpi(
    {
      ...run,
      summary: { ...run.summary, ledger: { ...run.summary.ledger, startCash: "100", equity: "103" } },
    },
    rng(),
  );
  expect(report.equity.points.map(([, , fall]) => fall)).toEqual(["-1", "0", "-2.5", "-1"]);
  expect(report.equity).toMatchObject({ maxDrawdown: "-2.5", peakAt: 2, troughAt: 3, peak: "104" });
});

it("ends the equity curve at the ledger's equity even when the run's points were thinned", () => {
  const report = buildKpi(runOf([openedRow("a", "f", "2.5")], { equity: [[1, "10000"]], endedAt: 9 }), rng());
  expect(report.equity.points).toEqual([
    [1, "10000", "0"],
    [9, "10002.5", "0"],
  ]);
});

it("shows a reason of another version by its code", () => {
  const { rejects } = buildKpi(runOf([], { reasons: { kalshi: { "book.gap": 2, "reason.499": 5 } } }), rng());
  expect(rejects).toEqual([
    {
      key: "kalshi",
      total: 7,
      reasons: [
        { reason: "reason.499", text: "", count: 5 },
        { reason: "book.gap", text: "the subscription skipped a sequence number", count: 2 },
      ],
    },
  ]);
});

it("puts every opened row into one bar of the distribution", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 150 }), (pnls) => {
      const rows = pnls.map((pnl, index) => openedRow(`r${index}`, `f${index % 7}`, `${pnl}.5`));
      const { distribution } = buildKpi(runOf(rows), rng());
      expect(distribution.bars.reduce((total, bar) => total + bar.kept + bar.outliers, 0)).toBe(rows.length);
      expect(distribution.bars.length).toBeLessThanOrEqual(35);
    }),
    { numRuns: 25 },
  );
});

describe("reconciliation", () => {
  const seeds = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 120 }));

  it("holds for any rows", () => {
    fc.assert(
      fc.property(seeds, ([seed, count]) => {
        const run = runOf(randomRows(new SeededRng(seed), count));
        expect(reconcile(buildKpi(run, rng()), run).filter((check) => !check.ok)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it("catches any total of any family changed by the smallest amount", () => {
    const run = runOf(randomRows(new SeededRng(3), 80));
    const report = buildKpi(run, rng());
    const raw = report.views[0]!;
    fc.assert(
      fc.property(
        fc.nat(raw.by.family.length - 1),
        fc.constantFrom("detected", "certified", "planned", "expectedRealised", "simulatedRealised"),
        (index, stage) => {
          const family = raw.by.family.map((group, at) =>
            at === index
              ? { ...group, ladder: { ...group.ladder, [stage]: tweak(group.ladder[stage]) } }
              : group,
          );
          const tampered = {
            ...report,
            views: [{ ...raw, by: { ...raw.by, family } }, ...report.views.slice(1)],
          };
          expect(isReconciled(reconcile(tampered, run))).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("catches an amount moved from one family to another", () => {
    const run = runOf([openedRow("a", "f", "1"), openedRow("b", "g", "2")]);
    const report = buildKpi(run, rng());
    const raw = report.views[0]!;
    const family = raw.by.family.map((group) => ({
      ...group,
      ladder: { ...group.ladder, simulatedRealised: "1.5" },
    }));
    const tampered = { ...report, views: [{ ...raw, by: { ...raw.by, family } }, ...report.views.slice(1)] };
    expect(reconcile(tampered, run).filter((check) => !check.ok)).toMatchObject([
      { name: "families whose totals differ from their own rows", left: "2", right: "0" },
    ]);
  });

  it("names both numbers when the ledger does not follow from the rows", () => {
    const run = runOf([openedRow("a", "f", "1.5")]);
    const ledger = { ...run.summary.ledger, equity: "10001.500000000000000001" };
    const off = { ...run, summary: { ...run.summary, ledger } };
    const failed = reconcile(buildKpi(off, rng()), off).filter((check) => !check.ok);
    expect(failed[0]).toEqual({
      name: "ledger: start cash + P&L of rows + outside of rows = equity",
      left: "10001.5",
      right: "10001.500000000000000001",
      ok: false,
      detail: "differ by -0.000000000000000001",
    });
  });

  it.each([
    [
      "a refused row that earned",
      { outcome: "refused", refusal: "size.zero", refusalStage: "size" } as const,
    ],
    ["a refused row without a reason", { outcome: "refused" } as const],
    ["an opened row with a refusal", { refusal: "size.zero", refusalStage: "size" } as const],
  ])("fails on %s", (_, patch) => {
    const run = runOf([openedRow("a", "f", "1", patch)]);
    expect(isReconciled(reconcile(buildKpi(run, rng()), run))).toBe(false);
  });

  it("fails when an id occurs twice", () => {
    const run = runOf([openedRow("a", "f", "1"), openedRow("a", "f", "1")]);
    expect(isReconciled(reconcile(buildKpi(run, rng()), run))).toBe(false);
  });
});

/** One quantum of 1e-18 more. */
function tweak(text: string): string {
  return moneyText(money(text) + 1n);
}
