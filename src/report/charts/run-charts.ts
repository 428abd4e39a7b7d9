import type { KeyedReasons } from "../funnel.ts";
import type { KpiReport } from "../kpi-model.ts";
import { countLabel } from "../money.ts";
import type { Chart } from "../page/document.ts";
import { AXIS, INK, LEGEND, renderChart, SERIES_COLOURS, SOFT } from "./svg.ts";

const MAX_REASONS = 12;
const MAX_VENUES = 6;

/** How many rows are left after each gate, and what was lost there. */
export function funnelChart({ funnel }: KpiReport): Chart {
  let left = funnel.detected;
  const steps = [{ label: "Detected", left, lost: 0 }];
  for (const { stage, count } of funnel.refused) {
    left -= count;
    steps.push({ label: `After ${stage}`, left, lost: count });
  }
  const outcome = (name: string) => funnel.outcomes.find((entry) => entry.outcome === name)?.count ?? 0;
  steps.push({ label: "Filled in full", left: outcome("filled"), lost: left - outcome("filled") });
  return renderChart(
    "funnel",
    "From detected to filled",
    "Rows left after each gate; in brackets what the gate took. The last step loses partial, missed and open rows.",
    44 + steps.length * 34,
    {
      grid: { left: 120, right: 140, top: 6, bottom: 26 },
      xAxis: { type: "value", minInterval: 1, ...AXIS },
      yAxis: {
        type: "category",
        inverse: true,
        data: steps.map((step) => step.label),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, color: INK },
      },
      series: [
        {
          type: "bar",
          barWidth: 20,
          itemStyle: { color: "var(--c3)" },
          label: {
            show: true,
            position: "right",
            color: SOFT,
            fontSize: 12,
            formatter: ({ dataIndex }: { dataIndex: number }) => {
              const step = steps[dataIndex]!;
              return step.lost > 0
                ? `${countLabel(step.left)}  (-${countLabel(step.lost)})`
                : countLabel(step.left);
            },
          },
          data: steps.map((step) => step.left),
        },
      ],
    },
  );
}

/** Rejects and quarantines: a group of bars per reason, a colour per venue, counts on a logarithmic axis. */
export function rejectsChart(rejects: readonly KeyedReasons[]): Chart {
  const totals = new Map<string, number>();
  for (const { reasons } of rejects)
    for (const { reason, count } of reasons) totals.set(reason, (totals.get(reason) ?? 0) + count);
  const ranked = [...totals].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, MAX_REASONS);
  const venues = rejects.slice(0, MAX_VENUES);
  const more =
    totals.size > ranked.length ? ` The ${ranked.length} most frequent of ${totals.size} reasons.` : "";
  return renderChart(
    "rejects",
    "Rejected messages and quarantined quotes",
    `By reason and venue; logarithmic axis.${more}`,
    60 + ranked.length * (12 + 15 * venues.length),
    {
      grid: { left: 190, right: 80, top: 34, bottom: 26 },
      legend: LEGEND,
      xAxis: {
        type: "log",
        min: 0.5,
        startValue: 0.5,
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: wholeCount },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: ranked.map(([reason]) => reason),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, color: INK, interval: 0 },
      },
      series: venues.map(({ key, reasons }, index) => ({
        name: key,
        type: "bar",
        barMaxWidth: 13,
        barGap: "15%",
        itemStyle: { color: SERIES_COLOURS[index] },
        label: { show: true, position: "right", color: SOFT, fontSize: 11, formatter: countOfPoint },
        data: ranked.map(([reason]) => reasons.find((entry) => entry.reason === reason)?.count ?? "-"),
      })),
    },
  );
}

/** p50, p95, p99 and maximum of the delay from the venue's stamp to ours, one line per venue, logarithmic. */
export function latencyChart({ latency }: KpiReport): Chart {
  const venues = Object.entries(latency).filter(([, summary]) => summary.count > 0);
  const names = venues.map(([venue]) => venue);
  const marks = [
    { name: "p50", key: "p50Micros", symbol: "circle" },
    { name: "p95", key: "p95Micros", symbol: "rect" },
    { name: "p99", key: "p99Micros", symbol: "diamond" },
    { name: "max", key: "maxMicros", symbol: "triangle" },
  ] as const;
  // a logarithmic axis has no zero: below a microsecond counts as one
  const millis = (micros: number) => Math.max(1, micros) / 1000;
  return renderChart(
    "latency",
    "Delay from venue to us",
    "Receive instant minus the venue's own stamp, in milliseconds, logarithmic. Clock differences are included.",
    76 + names.length * 40,
    {
      grid: { left: 120, right: 40, top: 36, bottom: 28 },
      legend: LEGEND,
      xAxis: {
        type: "log",
        ...AXIS,
        axisLabel: {
          ...AXIS.axisLabel,
          formatter: (value: number) => `${value < 1 ? value : countLabel(value)} ms`,
        },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: names,
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, color: INK },
      },
      series: [
        ...venues.map(([venue, summary]) => ({
          type: "line",
          symbol: "none",
          z: 1,
          lineStyle: { color: "var(--c2)", width: 2 },
          data: marks.map((mark) => [millis(summary[mark.key]), venue]),
        })),
        ...marks.map((mark, index) => ({
          name: mark.name,
          type: "scatter",
          symbol: mark.symbol,
          symbolSize: 11,
          itemStyle: { color: SERIES_COLOURS[index], opacity: 1 },
          data: venues.map(([venue, summary]) => [millis(summary[mark.key]), venue]),
        })),
      ],
    },
  );
}

function wholeCount(value: number): string {
  return value < 1 ? "" : countLabel(Math.round(value));
}

function countOfPoint({ value }: { value: number | string }): string {
  return typeof value === "number" ? countLabel(value) : "";
}
