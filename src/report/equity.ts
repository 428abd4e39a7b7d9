import type { RunSummary } from "../contracts/index.ts";
import { money, moneyText } from "./money.ts";

/** The account over the run. Money is exact decimal text. */
export interface EquityReport {
  /** [instant in microseconds, equity, fall from the highest equity so far (zero or negative)]. */
  readonly points: readonly (readonly [number, string, string])[];
  readonly start: string;
  readonly end: string;
  /** Deepest fall from a peak, zero or negative, and where it was. */
  readonly maxDrawdown: string;
  readonly peakAt: number | null;
  readonly troughAt: number | null;
  readonly peak: string;
}

/** Drawdown against the running peak, which begins at the start cash. */
export function equityOf(summary: RunSummary): EquityReport {
  const points: [number, string, string][] = [];
  let peak = money(summary.ledger.startCash);
  let peakAt: number | null = summary.startedAt;
  let worst = { fall: 0n, peak, peakAt: null as number | null, troughAt: null as number | null };
  for (const [at, text] of summary.equity) {
    const value = money(text);
    if (value > peak) {
      peak = value;
      peakAt = at;
    }
    const fall = value - peak;
    if (fall < worst.fall) worst = { fall, peak, peakAt, troughAt: at };
    points.push([at, text, moneyText(fall)]);
  }
  return {
    points,
    start: summary.ledger.startCash,
    end: summary.ledger.equity,
    maxDrawdown: moneyText(worst.fall),
    peakAt: worst.peakAt,
    troughAt: worst.troughAt,
    peak: moneyText(worst.peak),
  };
}
