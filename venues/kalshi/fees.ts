import {
  type FeeSpec,
  type FeeVersion,
  formatDecimal,
  type Micros,
  parseDecimal,
} from "../../src/contracts/index.ts";

/** Fee terms as Kalshi states them: on the series, or overridden on the event. */
export interface SeriesFee {
  readonly type: string;
  /** Decimal text, e.g. "1", "0.5", "0". */
  readonly multiplier: string;
}

export interface FeeOptions {
  /**
   * Grid the cash change of a fill is floored to. "0.01" is the rule for members who trade through a broker and
   * never charges less than "0.0001", the rule for direct members: choose the second only for a direct account.
   */
  readonly balancePrecision: "0.01" | "0.0001";
  /** True to count on a market's fee waiver. False charges the full fee: a waiver may not cover this account. */
  readonly relyOnWaiver: boolean;
}

export const DEFAULT_FEE_OPTIONS: FeeOptions = { balancePrecision: "0.01", relyOnWaiver: false };

/** Model fee rate of a taker before the multiplier. Source: fee schedule effective 2026-07-07. */
const TAKER_RATE = "0.07";

/** Maker rate by `fee_type`. `flat` has no published formula and is unknown here. */
const MAKER_RATES: ReadonlyMap<string, string> = new Map([
  ["quadratic", "0"],
  ["quadratic_with_maker_fees", "0.0175"],
  ["quadratic_with_combo_maker_fees", "0.035"],
]);

/** The trade fee is rounded up to this. Source: fee rounding page. */
const TRADE_FEE_PRECISION = "0.000001";

const RATE_DIGITS = 4;
const MULTIPLIER_DIGITS = 6;

/** Rate x multiplier, exact; null when the multiplier is no decimal between 0 and 100. */
function scaledRate(rate: string, multiplier: string): string | null {
  const factor = parseDecimal(multiplier, MULTIPLIER_DIGITS);
  const base = parseDecimal(rate, RATE_DIGITS);
  if (factor === null || base === null || factor < 0n || factor > 100_000_000n) return null;
  return formatDecimal(base * factor, RATE_DIGITS + MULTIPLIER_DIGITS);
}

/**
 * `fee_type` x `fee_multiplier` as an exact rule: rate x contracts x P x (1-P), rate = 0.07 x multiplier for takers,
 * 0, 0.0175 or 0.035 x multiplier for makers. Anything not published is `unknown`, which forbids trading.
 */
export function feeSpec(fee: SeriesFee | null, options: FeeOptions = DEFAULT_FEE_OPTIONS): FeeSpec {
  if (fee === null) return { type: "unknown", why: "neither series nor event states a fee type" };
  const makerBase = MAKER_RATES.get(fee.type);
  if (makerBase === undefined) return { type: "unknown", why: `fee type ${fee.type.slice(0, 60)}` };
  const takerRate = scaledRate(TAKER_RATE, fee.multiplier);
  const makerRate = scaledRate(makerBase, fee.multiplier);
  if (takerRate === null || makerRate === null)
    return { type: "unknown", why: `fee multiplier ${fee.multiplier.slice(0, 60)}` };
  return {
    type: "kalshi",
    takerRate,
    makerRate,
    balancePrecision: options.balancePrecision,
    tradeFeePrecision: TRADE_FEE_PRECISION,
  };
}

/** One dated rule. `source` says where the terms were read. */
export function feeVersion(
  fee: SeriesFee | null,
  from: Micros,
  source: string,
  options: FeeOptions = DEFAULT_FEE_OPTIONS,
): FeeVersion {
  const spec = feeSpec(fee, options);
  const name = fee === null ? "unstated" : `${fee.type.slice(0, 60)}:${fee.multiplier.slice(0, 60)}`;
  return { id: `kalshi:${name}:${options.balancePrecision}`, from, spec, source };
}

/** The decimal text of a JSON number as the venue wrote it (shortest form), null when it needs an exponent. */
export function multiplierText(value: number): string | null {
  const text = String(value);
  return /^\d+(\.\d+)?$/.test(text) ? text : null;
}

/** Fee terms a user vouches for, written `quadratic:1`; null when the text is no such pair. */
export function assertedFee(option: string | undefined): SeriesFee | null {
  const [type, multiplier] = (option ?? "").split(":");
  return type === undefined || type === "" || multiplier === undefined ? null : { type, multiplier };
}
