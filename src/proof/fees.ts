import {
  type CertificateFee,
  type FeeSpec,
  type FeeVersion,
  type Micros,
  parseDecimal,
} from "../contracts/index.ts";
import { ceilDiv, floorDiv, ONE } from "./exact.ts";

/**
 * Fees of one order, fill by fill, exact (docs/fees.md). This is the finders' implementation; the checker has its own.
 * Money in quanta of 1e-12.
 */

/** One fill on the claim's own scales: price = ticks / priceScale, quantity = lots / sizeScale. */
export interface FillTerms {
  readonly ticks: bigint;
  readonly lots: bigint;
  readonly priceScale: bigint;
  readonly sizeScale: bigint;
}

export type Action = "buy" | "sell";

/** Fee terms with their numbers read; `accumulator` rules see `feeOfFill`. */
export type CompiledFee =
  | { readonly type: "none" }
  | { readonly type: "kalshi"; readonly rate: bigint; readonly balance: bigint; readonly trade: bigint }
  | {
      readonly type: "quadratic";
      readonly rate: bigint;
      readonly exponent: number;
      readonly unit: bigint;
      readonly rounding: "up" | "half_up" | "down";
    }
  | { readonly type: "in_shares"; readonly parts: bigint }
  | { readonly type: "payout_profit"; readonly parts: bigint }
  | { readonly type: "per_contract"; readonly amount: bigint };

/** Rates are held in parts of 1e-12, shares withheld in parts of 1e-6. */
export const SHARE_PARTS = 1_000_000n;
const MAX_EXPONENT = 4;

/** The version in force at an instant; null when none is (unknown = no trade). */
export function feeAt(versions: readonly FeeVersion[], at: Micros): FeeVersion | null {
  let found: FeeVersion | null = null;
  for (const version of versions)
    if (version.from <= at && (found === null || version.from >= found.from)) found = version;
  return found;
}

/** What a taker pays under a fee rule, as it is written into a certificate; null when the rule is unknown. */
export function takerFee(spec: FeeSpec): CertificateFee | null {
  switch (spec.type) {
    case "unknown":
      return null;
    case "kalshi":
      return {
        type: "kalshi",
        rate: spec.takerRate,
        balancePrecision: spec.balancePrecision,
        tradeFeePrecision: spec.tradeFeePrecision,
      };
    case "quadratic":
      return {
        type: "quadratic",
        rate: spec.rate,
        exponent: spec.exponent,
        decimals: spec.decimals,
        rounding: spec.rounding,
      };
    case "none":
      return { type: "none" };
    case "in_shares":
      return { type: "in_shares", bps: spec.bps };
    case "payout_profit":
      return { type: "payout_profit", bps: spec.bps };
    case "per_contract":
      return { type: "per_contract", amount: spec.amount };
  }
}

/** Reads the decimals of a fee rule; null when one of them is no exact, sensible number (then: no trade). */
export function compileFee(fee: CertificateFee): CompiledFee | null {
  switch (fee.type) {
    case "none":
      return fee;
    case "kalshi": {
      const rate = nonNegative(fee.rate, 12);
      const balance = nonNegative(fee.balancePrecision, 12);
      const trade = nonNegative(fee.tradeFeePrecision, 12);
      if (rate === null || balance === null || trade === null || balance === 0n || trade === 0n) return null;
      return { type: "kalshi", rate, balance, trade };
    }
    case "quadratic": {
      const rate = nonNegative(fee.rate, 12);
      const sane = Number.isInteger(fee.exponent) && fee.exponent >= 0 && fee.exponent <= MAX_EXPONENT;
      if (rate === null || !sane || !Number.isInteger(fee.decimals)) return null;
      if (fee.decimals < 0 || fee.decimals > 12) return null;
      const unit = 10n ** BigInt(12 - fee.decimals);
      return { type: "quadratic", rate, exponent: fee.exponent, unit, rounding: fee.rounding };
    }
    case "in_shares":
    case "payout_profit": {
      const parts = nonNegative(fee.bps, 2);
      return parts === null || parts >= SHARE_PARTS ? null : { type: fee.type, parts };
    }
    case "per_contract": {
      const amount = nonNegative(fee.amount, 6);
      return amount === null ? null : { type: "per_contract", amount: amount * 1_000_000n };
    }
  }
}

/** Money fee of one fill, and the order's accumulator of rounding fees after it. */
export interface FillFee {
  readonly fee: bigint;
  readonly accumulator: bigint;
}

/** Fee of the next fill of an order. `accumulator` is what the previous fill of the same order returned, 0 at first. */
export function feeOfFill(fee: CompiledFee, action: Action, fill: FillTerms, accumulator: bigint): FillFee {
  switch (fee.type) {
    case "kalshi": {
      const [numerator, denominator] = curve(fee.rate, 1, fill);
      const trade = ceilDiv(numerator, denominator * fee.trade) * fee.trade;
      return alignCash(trade, grossOf(fill), action, fee.balance, accumulator);
    }
    case "quadratic": {
      const [numerator, denominator] = curve(fee.rate, fee.exponent, fill);
      return { fee: rounded(numerator, denominator * fee.unit, fee.rounding) * fee.unit, accumulator };
    }
    case "per_contract":
      return { fee: (fee.amount * fill.lots) / fill.sizeScale, accumulator };
    case "none":
    case "in_shares":
    case "payout_profit":
      return { fee: 0n, accumulator };
  }
}

/**
 * Kalshi's alignment of cash: after a fill the balance changes by a multiple of `balance`, in the venue's favour. The
 * difference is a rounding fee, summed per order; when the sum exceeds one unit, a unit is returned, as long as the
 * net fee stays at or above zero. (The venue's page says "reaches"; its published ten-fill example returns a unit only
 * when the sum is above it, and that dearer reading is used.) Source: docs.kalshi.com/getting_started/fee_rounding.
 */
export function alignCash(
  tradeFee: bigint,
  gross: bigint,
  action: Action,
  balance: bigint,
  accumulator: bigint,
): FillFee {
  const exact = action === "buy" ? gross + tradeFee : gross - tradeFee;
  const cash = (action === "buy" ? ceilDiv(exact, balance) : floorDiv(exact, balance)) * balance;
  const rounding = action === "buy" ? cash - exact : exact - cash;
  const sum = accumulator + rounding;
  const charged = tradeFee + rounding;
  const due = sum > balance ? ((sum - 1n) / balance) * balance : 0n;
  const rebate = due <= charged ? due : (charged / balance) * balance;
  return { fee: charged - rebate, accumulator: sum - rebate };
}

/** A lower bound on the total money fee: the un-rounded formula, floored, less what rounding down may give away. */
export function leastFeeOfFill(fee: CompiledFee, fill: FillTerms): bigint {
  if (fee.type === "none" || fee.type === "in_shares" || fee.type === "payout_profit") return 0n;
  if (fee.type === "per_contract") return (fee.amount * fill.lots) / fill.sizeScale;
  const [numerator, denominator] = curve(fee.rate, fee.type === "kalshi" ? 1 : fee.exponent, fill);
  return numerator / denominator;
}

/** How far one fill's rounded fee may lie below the un-rounded one. */
export function roundingGift(fee: CompiledFee): bigint {
  return fee.type === "quadratic" && fee.rounding !== "up" ? fee.unit : 0n;
}

/** Price times quantity of a fill, exact for the scales that `Instrument` allows. */
export function grossOf(fill: FillTerms): bigint {
  return (fill.ticks * fill.lots * ONE) / (fill.priceScale * fill.sizeScale);
}

/** rate x C x (P x (1 - P)) ^ exponent as numerator and denominator, in quanta. */
function curve(rate: bigint, exponent: number, fill: FillTerms): [bigint, bigint] {
  const power = BigInt(exponent);
  const spread = fill.ticks * (fill.priceScale - fill.ticks);
  return [rate * fill.lots * spread ** power, fill.sizeScale * (fill.priceScale * fill.priceScale) ** power];
}

function rounded(numerator: bigint, denominator: bigint, rounding: "up" | "half_up" | "down"): bigint {
  if (rounding === "up") return ceilDiv(numerator, denominator);
  if (rounding === "down") return numerator / denominator;
  return (2n * numerator + denominator) / (2n * denominator);
}

function nonNegative(text: string, digits: number): bigint | null {
  const value = parseDecimal(text, digits);
  return value === null || value < 0n ? null : value;
}
