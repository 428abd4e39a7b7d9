import { describe, expect, it } from "vitest";
import { bucket, instrument, micros, pico, planOf, T0 } from "./fixture.ts";
import { matchedRatio, scaleDown, scaleUp } from "./ratio.ts";
import { closedRow, refusedRow } from "./row.ts";
import { trueIn, worstInStates } from "./state-worst.ts";
import type { ClosedPlan } from "./step.ts";

const BOOKS = [instrument(0), instrument(1), instrument(2)];
const PLAN = planOf(bucket({ action: "buy_yes", prices: [30, 31, 32], lots: 1000 }, BOOKS));

describe("rows of opportunities", () => {
  it("says how far a refused opportunity came", () => {
    const { opportunity } = PLAN;
    const sized = refusedRow(
      opportunity,
      { stage: "risk", reason: "risk.cash", plan: PLAN },
      "title",
      micros(5),
    );
    expect(sized).toMatchObject({
      detected: "0.7",
      certified: "0.7",
      planned: "0.7",
      simulatedRealised: "0",
      outcome: "refused",
      refusal: "risk.cash",
      refusalStage: "risk",
      legCount: 3,
      venues: ["v"],
      minAsk: "0.3",
      maxAsk: "0.32",
      minDepthNotional: "3",
    });
    const early = refusedRow(
      opportunity,
      { stage: "size", reason: "size.zero", plan: null },
      "title",
      micros(5),
    );
    expect([early.certified, early.planned, early.capital]).toEqual(["0.7", "0", "9.3"]);
  });

  it("counts nothing as certified that the checker refused", () => {
    const refusal = { stage: "certify", reason: "certificate.refused", plan: null } as const;
    const row = refusedRow(PLAN.opportunity, refusal, "title", micros(5));
    expect([row.detected, row.certified, row.planned]).toEqual(["0.7", "0", "0"]);
  });

  it("takes the end of a plan over as exact decimal text", () => {
    const closed: ClosedPlan = {
      plan: PLAN,
      outcome: "partial",
      reason: "order.partial",
      expectedRealised: pico("0.28"),
      simulatedRealised: pico("-0.02"),
      fees: pico("0.01"),
      lotsPlanned: "30",
      lotsFilled: "24",
      fills: [],
      holdings: [],
      atRisk: new Map(),
    };
    expect(closedRow(closed, "title", micros(9))).toMatchObject({
      id: "opp",
      foundAt: T0,
      closedAt: micros(9),
      expectedRealised: "0.28",
      simulatedRealised: "-0.02",
      fees: "0.01",
      outcome: "partial",
      refusal: null,
    });
  });
});

describe("worst value by the certificate's states", () => {
  const hold = (yes: readonly number[]) =>
    yes.map((units, index) => ({ market: BOOKS[index]!.market, yes: pico(units), no: 0n }));

  it("is the least over the enumerated states", () => {
    expect(worstInStates(PLAN.certificate, hold([10, 10, 4]))).toBe(pico(4));
  });

  it("counts only pairs for markets outside and for names it cannot read", () => {
    const outside = [...hold([10, 10, 10]), { market: "v:x", yes: pico(5), no: pico(2) }];
    expect(worstInStates(PLAN.certificate, outside)).toBe(pico(12));
    const states = [{ name: "???", payoff: "10", net: "1" }];
    expect(worstInStates({ ...PLAN.certificate, states }, hold([10, 10, 10]))).toBe(0n);
  });

  it("reads the names of states", () => {
    expect([...trueIn("a+c", ["a", "b", "c"])!]).toEqual(["a", "c"]);
    expect(trueIn("none", ["a"])?.size).toBe(0);
    expect(trueIn("none", ["none"])?.size).toBe(1);
    expect(trueIn("c+a", ["a", "b", "c"])).toBeNull();
  });
});

describe("ratios", () => {
  it("take the least complete leg and round against us", () => {
    const ratio = matchedRatio([
      { planned: 3, filled: 3 },
      { planned: 3, filled: 1 },
    ]);
    expect([scaleDown(10n, ratio), scaleUp(10n, ratio), scaleDown(-10n, ratio)]).toEqual([3n, 4n, -4n]);
    expect(matchedRatio([{ planned: 2, filled: 5 }])).toEqual({ num: 1n, den: 1n });
  });
});
