import { z } from "zod";
import { MONEY_DIGITS, money, moneyFloat, sumOf } from "../money.ts";
import { medianOfMeans, outliersOf, trimmedMean } from "../robust.ts";
import { forecastQuality } from "./forecast.ts";
import { clopperPearson, clopperPearsonLower, sampleSizeFor, wilson } from "./intervals.ts";
import { bettingWealth, sprt } from "./sequential.ts";
import { expectedMaximumSharpe, probabilisticSharpe } from "./sharpe.ts";

/** `pending`: a kind of case that is not built; never counted as passed. */
export type StatsCaseResult = "pending" | { readonly ok: boolean; readonly differences: readonly string[] };

const TOLERANCE = 1e-9;

const caseSchema = z.object({
  id: z.string(),
  input: z.record(z.string(), z.unknown()),
  expected: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
});
const numbers = z.array(z.number());
const proportionInput = z.object({ correct: z.number(), n: z.number().positive(), conf: z.number() });
const sprtInput = z.object({ p0: z.number(), p1: z.number(), alpha: z.number(), beta: z.number() });
const forecastInput = z.object({ p: numbers, y: numbers });
const bettingInput = z.object({ x: numbers, bet: z.number(), alpha: z.number() });
const pnlInput = z.object({ pnl: numbers.nonempty() });
const sharpeInput = z.object({
  sr_daily: z.number(),
  var_trials: z.number(),
  N: z.number(),
  T: z.number(),
  skew: z.number(),
  kurt: z.number(),
});
const SAMPLE_SIZE_KEY = /^(0\.\d+)\|(\d+)$/;

/**
 * Runs one case of a statistics vector file, recognised by the shape of its input (and, where that is empty, by the
 * keys it expects). Numbers agree at 1e-9 relative. A case that cannot be read differs.
 */
export function runStatsCase(value: unknown): StatsCaseResult {
  const parsed = caseSchema.safeParse(value);
  if (!parsed.success) return { ok: false, differences: ["not a case: expected {id, input, expected}"] };
  const { input, expected } = parsed.data;
  const found = answer(input, expected);
  if (found === null) return "pending";
  const differences: string[] = [];
  compare("expected", expected, found, differences);
  return { ok: differences.length === 0, differences };
}

function answer(
  input: Record<string, unknown>,
  expected: Record<string, unknown> | unknown[],
): object | null {
  const proportion = proportionInput.safeParse(input);
  if (proportion.success) return proportionAnswer(proportion.data);
  const sequential = sprtInput.safeParse(input);
  if (sequential.success) {
    const { p0, p1, alpha, beta } = sequential.data;
    return sprt(p0, p1, alpha, beta);
  }
  const sharpe = sharpeInput.safeParse(input);
  if (sharpe.success) return sharpeAnswer(sharpe.data);
  const forecast = forecastInput.safeParse(input);
  if (forecast.success) return forecastQuality(forecast.data.p, forecast.data.y);
  const betting = bettingInput.safeParse(input);
  if (betting.success) return bettingWealth(betting.data.x, betting.data.bet, betting.data.alpha);
  const pnl = pnlInput.safeParse(input);
  if (pnl.success) return pnlAnswer(pnl.data.pnl);
  return sampleSizeAnswer(Object.keys(input), Object.keys(expected));
}

function proportionAnswer({ correct, n, conf }: z.infer<typeof proportionInput>): object {
  return {
    wilson: wilson(correct, n, conf),
    clopper_pearson: clopperPearson(correct, n, conf),
    cp_lower_one_sided: clopperPearsonLower(correct, n, conf),
  };
}

function sharpeAnswer(input: z.infer<typeof sharpeInput>): object {
  const sample = { sharpe: input.sr_daily, periods: input.T, skew: input.skew, kurtosis: input.kurt };
  const sr0 = expectedMaximumSharpe(input.var_trials, input.N);
  return { sr0, dsr: probabilisticSharpe(sample, sr0), psr_vs_0: probabilisticSharpe(sample, 0) };
}

function pnlAnswer(pnl: readonly number[]): object {
  const values = pnl.map((value) => money(plainDecimal(value)));
  const raw = sumOf(values);
  const top = outliersOf(values).slice(0, 1);
  const largest = sumOf(top.map((index) => values[index]!));
  return {
    raw: moneyFloat(raw),
    outlier_removed: moneyFloat(raw - largest),
    trimmed_mean: moneyFloat(trimmedMean(values) ?? 0n),
    median_of_means: moneyFloat(medianOfMeans(values, 5) ?? 0n),
    share_of_top: moneyFloat(largest) / moneyFloat(raw),
  };
}

function plainDecimal(value: number): string {
  const text = String(value);
  return /^-?\d+(\.\d+)?$/.test(text) ? text : value.toFixed(MONEY_DIGITS);
}

function sampleSizeAnswer(inputKeys: readonly string[], expectedKeys: readonly string[]): object | null {
  if (inputKeys.length > 0 || expectedKeys.length === 0) return null;
  const sizes: Record<string, number> = {};
  for (const key of expectedKeys) {
    const match = SAMPLE_SIZE_KEY.exec(key);
    if (match === null) return null;
    sizes[key] = sampleSizeFor(Number(match[1]), Number(match[2]), 0.95);
  }
  return sizes;
}

function compare(path: string, want: unknown, got: unknown, differences: string[]): void {
  if (typeof want === "number" && typeof got === "number") {
    const close = Math.abs(want - got) <= TOLERANCE * Math.max(Math.abs(want), Math.abs(got));
    if (!close) differences.push(`${path}: expected ${want}, found ${got}`);
  } else if (typeof want === "object" && want !== null && typeof got === "object" && got !== null) {
    if (Array.isArray(want) && Array.isArray(got) && want.length !== got.length)
      differences.push(`${path}: expected ${want.length} values, found ${got.length}`);
    for (const [key, inner] of Object.entries(want))
      compare(`${path}.${key}`, inner, (got as Record<string, unknown>)[key], differences);
  } else if (want !== got) {
    differences.push(`${path}: expected ${JSON.stringify(want)}, found ${JSON.stringify(got)}`);
  }
}
