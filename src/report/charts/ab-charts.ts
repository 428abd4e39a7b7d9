import { money, moneyFloat } from "../money.ts";
import type { Chart } from "../page/document.ts";
import { AXIS, BAD, dollarLabel, GOOD, INK, renderChart, SOFT } from "./svg.ts";

/** Long enough to recognise a market, short enough for the margin in any font. */
const MAX_LABEL = 34;

/** Signed bars: what the second run earned more or less, family by family. */
export function differenceChart(rows: readonly { readonly label: string; readonly amount: string }[]): Chart {
  return renderChart(
    "difference",
    "Difference by family",
    "B minus A, simulated-realised, for the families that differ most. Green: B earned more.",
    60 + rows.length * 26,
    {
      grid: { left: 260, right: 80, top: 12, bottom: 28 },
      xAxis: { type: "value", ...AXIS, axisLabel: { ...AXIS.axisLabel, formatter: dollarLabel } },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows.map((row) => shortened(row.label)),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, color: INK, interval: 0 },
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 16,
          label: {
            show: true,
            position: "right",
            color: SOFT,
            fontSize: 11,
            formatter: (point: { value: number }) => dollarLabel(point.value),
          },
          data: rows.map(({ amount }) => {
            const value = moneyFloat(money(amount));
            return {
              value,
              itemStyle: { color: value < 0 ? BAD : GOOD },
              label: { position: value < 0 ? "left" : "right" },
            };
          }),
        },
      ],
    },
  );
}

function shortened(label: string): string {
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1)}…`;
}
