import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CertificateFee } from "../contracts/index.ts";
import type { Claim } from "./claim.ts";
import { evaluate, type Portfolio } from "./portfolio.ts";
import type { Problem, Style } from "./problem.ts";
import { solve } from "./solve.ts";
import { claim, grouped, KALSHI, NO_FEE, POLYMARKET, PROBLEMS, problem } from "./test-problems.ts";

const CENT_KALSHI: CertificateFee = { ...KALSHI, tradeFeePrecision: "0.0001" } as CertificateFee;
const fee = fc.constantFrom<CertificateFee>(
  NO_FEE,
  CENT_KALSHI,
  POLYMARKET,
  { type: "quadratic", rate: "0.05", exponent: 1, decimals: 2, rounding: "half_up" },
  { type: "in_shares", bps: "1000" },
);
const winnings: CertificateFee = { type: "payout_profit", bps: "1000" };
const size = fc.integer({ min: 1, max: 4 });

function legs(
  names: readonly string[],
  side: "YES" | "NO",
  low: number,
  high: number,
  fees: fc.Arbitrary<CertificateFee>,
) {
  const one = (name: string) =>
    fc
      .record({
        price: fc.integer({ min: low, max: high }),
        gap: fc.integer({ min: 1, max: 8 }),
        a: size,
        b: size,
        fee: fees,
        lotStep: fc.constantFrom(1, 1, 2),
        minLots: fc.constantFrom(1, 1, 3),
      })
      .map((leg) =>
        claim(
          name,
          side,
          [
            [leg.price, leg.a],
            [leg.price + leg.gap, leg.b],
          ],
          { fee: leg.fee, lotStep: leg.lotStep, minLots: leg.minLots },
        ),
      );
  return fc.tuple(...names.map(one));
}

/** Random problems per law; more from the environment. */
const RUNS = Number(process.env["EMP_SOLVE_RUNS"] ?? 60);

/** The best of all portfolios, every integer quantity tried. */
function exhaustive(from: Problem): Portfolio | null {
  let best: Portfolio | null = null;
  const lots = from.claims.map(() => 0);
  const visit = (at: number): void => {
    if (at === lots.length) {
      const found = evaluate(from, { style: "pair", lots: [...lots], conversions: [] });
      if (found === null || found.guaranteed <= 0n) return;
      if (
        best === null ||
        found.guaranteed > best.guaranteed ||
        (found.guaranteed === best.guaranteed && found.capital < best.capital)
      )
        best = found;
      return;
    }
    const one: Claim = from.claims[at]!;
    const depth = one.ladder.reduce((sum, level) => sum + level.lots, 0);
    for (let quantity = 0; quantity <= depth; quantity += one.lotStep) {
      if (quantity > 0 && quantity < one.minLots) continue;
      lots[at] = quantity;
      visit(at + 1);
    }
    lots[at] = 0;
  };
  visit(0);
  return best;
}

function agree(from: Problem, style: Style): boolean {
  const found = solve(from, [style]);
  const best = exhaustive(from);
  expect(found?.guaranteed ?? 0n).toBe(best?.guaranteed ?? 0n);
  if (best !== null) expect(found?.capital).toBe(best.capital);
  return best !== null;
}

describe("the closed forms with exact rounding equal trying every quantity", () => {
  const ABC = ["A", "B", "C"];
  it("for a pair, fees in shares and on winnings included", () => {
    let profitable = 0;
    const leg = fc.oneof(fee, fc.constant(winnings));
    fc.assert(
      fc.property(legs(["A"], "YES", 25, 50, leg), legs(["A"], "NO", 25, 50, leg), (yes, no) => {
        if (agree(problem(["A"], [], [...yes, ...no]), "pair")) profitable += 1;
      }),
      { numRuns: 2 * RUNS },
    );
    expect(profitable).toBeGreaterThan(20);
  });

  it("for a YES basket", () => {
    const relations = [grouped("exclusive", ABC), grouped("exhaustive", ABC)];
    fc.assert(
      fc.property(
        legs(ABC, "YES", 15, 35, fee),
        (claims) => void agree(problem(ABC, relations, claims), "yes_basket"),
      ),
      { numRuns: RUNS },
    );
  });

  it("for a NO basket of an exclusive event", () => {
    fc.assert(
      fc.property(
        legs(ABC, "NO", 45, 70, fee),
        (claims) => void agree(problem(ABC, [grouped("exclusive", ABC)], claims), "no_basket"),
      ),
      { numRuns: RUNS },
    );
  });

  it("for a NO basket of which at most two lose, with unequal depth", () => {
    const relation = {
      type: "at_most",
      propositions: ABC,
      k: 2,
      evidenceHash: "e",
      expiresAt: null,
    } as const;
    fc.assert(
      fc.property(
        legs(ABC, "NO", 10, 40, fee),
        (claims) => void agree(problem(ABC, [relation], claims), "no_basket"),
      ),
      { numRuns: RUNS },
    );
  });
});

describe("a solve", () => {
  it("keeps the capital within its limit", () => {
    for (const [, from, style] of PROBLEMS) {
      const free = solve(from, [style])!;
      for (const share of [2n, 3n, 7n]) {
        const maxCapital = free.capital / share;
        const limited = solve(from, [style], { maxCapital, steps: 4096 });
        if (limited !== null) expect(limited.capital <= maxCapital).toBe(true);
      }
    }
  });

  it("finds the size that a small capital affords in a deep book of fine lots", () => {
    const fine = { sizeScale: 100, fee: KALSHI };
    const deep = (side: "YES" | "NO") =>
      ["A", "B"].map((name) => claim(name, side, [[40, 50_000_000]], fine));
    const both = ["A", "B"];
    for (const [style, from] of [
      ["yes_basket", problem(both, [grouped("exhaustive", both)], deep("YES"))],
      ["no_basket", problem(both, [grouped("exclusive", both)], deep("NO"))],
    ] as const) {
      const found = solve(from, [style], { maxCapital: 10_000_000_000_000n, steps: 4096 })!;
      expect(found.capital <= 10_000_000_000_000n).toBe(true);
      expect(found.capital > 9_900_000_000_000n).toBe(true);
    }
  });

  it("returns what it has when its steps run out, never something unproved", () => {
    const [, from, style] = PROBLEMS[3]!;
    expect(solve(from, [style], { maxCapital: null, steps: 0 })).toBeNull();
    expect(solve(from, [style], { maxCapital: null, steps: 2 })?.guaranteed ?? 1n).toBeGreaterThan(0n);
  });
});
