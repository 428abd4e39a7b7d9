import type { CumulativePoint, Distribution } from "./kpi-model.ts";
import { type KpiRow, pnlOf } from "./kpi-row.ts";
import { moneyLabel, moneyText } from "./money.ts";

const MAX_POINTS = 800;
const BARS = 32n;

/** Running sums over opened rows in order of closing, thinned to at most 800 points; the last is always kept. */
export function cumulativeOf(opened: readonly KpiRow[], outliers: ReadonlySet<KpiRow>): CumulativePoint[] {
  const points: CumulativePoint[] = [];
  const every = Math.ceil(opened.length / MAX_POINTS);
  let expected = 0n;
  let simulated = 0n;
  let kept = 0n;
  opened.forEach((row, index) => {
    expected += row.amounts.expectedRealised;
    simulated += pnlOf(row);
    if (!outliers.has(row)) kept += pnlOf(row);
    if ((index + 1) % every === 0 || index === opened.length - 1)
      points.push([row.source.closedAt, moneyText(expected), moneyText(simulated), moneyText(kept)]);
  });
  return points;
}

/** Bars span the rows that are no outliers, so that one outlier cannot hide the shape of the rest. */
export function distributionOf(opened: readonly KpiRow[], outliers: ReadonlySet<KpiRow>): Distribution {
  const inner = opened.filter((row) => !outliers.has(row)).map(pnlOf);
  const scale = inner.length > 0 ? inner : opened.map(pnlOf);
  if (scale.length === 0) return { bars: [] };
  const sorted = scale.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const low = sorted[0]!;
  const high = sorted.at(-1)!;
  const width = high === low ? 1n : (high - low + BARS - 1n) / BARS;
  const count = high === low ? 1 : Number((high - low) / width) + 1;
  const bars = Array.from({ length: count }, (_, i) => ({
    label: moneyLabel(low + width * BigInt(i)),
    kept: 0,
    outliers: 0,
  }));
  const below = { label: `< ${moneyLabel(low)}`, kept: 0, outliers: 0 };
  const above = { label: `> ${moneyLabel(high)}`, kept: 0, outliers: 0 };
  for (const row of opened) {
    const value = pnlOf(row);
    const bar = value < low ? below : value > high ? above : bars[Number((value - low) / width)]!;
    if (outliers.has(row)) bar.outliers++;
    else bar.kept++;
  }
  return {
    bars: [...(below.outliers > 0 ? [below] : []), ...bars, ...(above.outliers > 0 ? [above] : [])],
  };
}
