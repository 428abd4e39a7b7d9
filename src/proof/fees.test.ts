import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../../tests/shared.ts";
import type { CertificateFee, FeeVersion, Micros } from "../contracts/index.ts";
import { quantaOf } from "./exact.ts";
import { compileFee, feeAt, feeOfFill, leastFeeOfFill, roundingGift, takerFee } from "./fees.ts";

const shared = sharedDir();

function fill(price: number, lots: number) {
  return { ticks: BigInt(price), lots: BigInt(lots), priceScale: 10_000n, sizeScale: 100n };
}

function kalshi(rate: string, balancePrecision: string): CertificateFee {
  return { type: "kalshi", rate, balancePrecision, tradeFeePrecision: "0.000001" };
}

describe("a fee schedule by date", () => {
  const version = (id: string, from: number): FeeVersion => ({
    id,
    from: from as Micros,
    spec: { type: "none" },
    source: "test",
  });

  it("uses the newest version that is in force and none before the first", () => {
    const versions = [version("old", 10), version("new", 20)];
    expect(feeAt(versions, 9 as Micros)).toBeNull();
    expect(feeAt(versions, 19 as Micros)?.id).toBe("old");
    expect(feeAt(versions, 20 as Micros)?.id).toBe("new");
    expect(feeAt([], 20 as Micros)).toBeNull();
  });

  it("refuses an unknown rule and terms that are no sensible decimals", () => {
    expect(takerFee({ type: "unknown", why: "test" })).toBeNull();
    expect(compileFee(kalshi("0.07", "0"))).toBeNull();
    expect(compileFee(kalshi("-0.07", "0.01"))).toBeNull();
    expect(compileFee(kalshi("NaN", "0.01"))).toBeNull();
    expect(compileFee({ type: "in_shares", bps: "10000" })).toBeNull();
    expect(
      compileFee({ type: "quadratic", rate: "0.07", exponent: 1.5, decimals: 5, rounding: "up" }),
    ).toBeNull();
  });
});

describe("the fee of a fill", () => {
  it("equals the printed Polymarket examples under each rounding", () => {
    const charge = (rounding: "up" | "half_up" | "down") => {
      const fee = compileFee({ type: "quadratic", rate: "0.07", exponent: 1, decimals: 5, rounding })!;
      return feeOfFill(fee, "buy", fill(3300, 700), 0n).fee;
    };
    expect(charge("half_up")).toBe(quantaOf("0.10834"));
    expect(charge("up")).toBe(quantaOf("0.10834"));
    expect(charge("down")).toBe(quantaOf("0.10833"));
  });

  it("squares the curve where the exponent is two", () => {
    const fee = compileFee({
      type: "quadratic",
      rate: "0.25",
      exponent: 2,
      decimals: 5,
      rounding: "half_up",
    })!;
    expect(feeOfFill(fee, "buy", fill(5000, 12_550), 0n).fee).toBe(quantaOf("1.96094"));
  });

  it("is flat per contract where the venue says so", () => {
    const fee = compileFee({ type: "per_contract", amount: "0.01" })!;
    expect(feeOfFill(fee, "buy", fill(5000, 250), 0n).fee).toBe(quantaOf("0.025"));
  });

  const fees = fc.oneof(
    fc.constantFrom("0.01", "0.0001").map((precision) => kalshi("0.07", precision)),
    fc.constantFrom("up" as const, "half_up" as const, "down" as const).map(
      (rounding): CertificateFee => ({
        type: "quadratic",
        rate: "0.04",
        exponent: 1,
        decimals: 5,
        rounding,
      }),
    ),
  );
  const fills = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 50_000 })), {
    minLength: 1,
    maxLength: 12,
  });

  it("is never negative, never below its bound, and leaves Kalshi's cash on the member's grid", () => {
    fc.assert(
      fc.property(fees, fills, fc.constantFrom("buy" as const, "sell" as const), (terms, order, action) => {
        const fee = compileFee(terms)!;
        let accumulator = 0n;
        let [charged, least] = [0n, 0n];
        for (const [price, lots] of order) {
          const terms = fill(price, lots);
          const next = feeOfFill(fee, action, terms, accumulator);
          expect(next.fee >= 0n).toBe(true);
          if (fee.type === "kalshi") {
            const gross = BigInt(price) * BigInt(lots) * 1_000_000n;
            expect((action === "buy" ? gross + next.fee : gross - next.fee) % fee.balance).toBe(0n);
          }
          accumulator = next.accumulator;
          charged += next.fee;
          least += leastFeeOfFill(fee, terms) - roundingGift(fee);
        }
        expect(charged >= least).toBe(true);
      }),
    );
  });
});

interface RealFill {
  readonly count: string;
  readonly yes_price: string;
  readonly fee_multiplier_inferred: string;
  readonly fee_cost_charged: string;
}

describe.skipIf(shared === null)("really charged Kalshi fees (skipped without ../shared)", () => {
  it("reproduces 32 of 33; the miss is the fill whose total cost came to exactly one dollar", () => {
    const path = join(shared!, "data/samples/fees/kalshi_real_fills.json");
    const { fills } = JSON.parse(readFileSync(path, "utf8")) as { fills: RealFill[] };
    const missed = fills.filter((real) => {
      const rate = quantaOf("0.07") * quantaOf(real.fee_multiplier_inferred);
      const fee = { type: "kalshi", rate: rate / 1_000_000_000_000n } as const;
      const precise = { ...fee, balance: quantaOf("0.0001"), trade: quantaOf("0.000001") };
      const one = fill(
        Number(quantaOf(real.yes_price) / 100_000_000n),
        Number(quantaOf(real.count) / 10_000_000_000n),
      );
      return feeOfFill(precise, "buy", one, 0n).fee !== quantaOf(real.fee_cost_charged);
    });
    expect(fills).toHaveLength(33);
    expect(missed.map((real) => [real.count, real.yes_price])).toEqual([["71.94", "0.0130"]]);
  });
});
