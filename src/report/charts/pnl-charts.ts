import type { KpiReport } from "../kpi-model.ts";
import { STAGE_TITLES, STAGES } from "../kpi-row.ts";
import type { LadderGroup } from "../ladder.ts";
import { money, moneyFloat } from "../money.ts";
import type { Chart } from "../page/document.ts";
import { AXIS, BAD, dollarLabel, INK, LADDER_COLOURS, LEGEND, renderChart, SOFT, timeLabel } from "./svg.ts";

const MAX_GROUPS = 8;

function asFloat(text: string): number {
  return moneyFloat(money(text));
}

function timeAxis(instants: readonly number[]) {
  return {
    type: "time",
    ...AXIS,
    splitLine: { show: false },
    axisLabel: { ...AXIS.axisLabel, formatter: timeLabel(instants) },
  } as const;
}

/** Grouped bars: the five stages for each lane. */
export function ladderChart(groups: readonly LadderGroup[]): Chart {
  const shown = groups.slice(0, MAX_GROUPS);
  const more = groups.length > shown.length ? ` The ${shown.length} largest of ${groups.length} lanes.` : "";
  return renderChart(
    "ladder",
    "Ladder by lane",
    `Sum of worst-state profit at each stage, per lane, in account currency. Exact sums are in the table.${more}`,
    300,
    {
      grid: { left: 64, right: 8, top: 36, bottom: 28 },
      legend: LEGEND,
      xAxis: {
        type: "category",
        data: shown.map((group) => group.title),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, color: INK },
        splitLine: { show: false },
      },
      yAxis: { type: "value", ...AXIS, axisLabel: { ...AXIS.axisLabel, formatter: dollarLabel } },
      series: STAGES.map((stage, index) => ({
        name: STAGE_TITLES[stage],
        type: "bar",
        barMaxWidth: 44,
        barGap: "8%",
        itemStyle: { color: LADDER_COLOURS[index] },
        label: {
          show: true,
          position: "top",
          color: SOFT,
          fontSize: 11,
          formatter: (point: { value: number }) => dollarLabel(point.value),
        },
        data: shown.map((group) => asFloat(group.ladder[stage])),
      })),
    },
  );
}

/** Equity above, fall from the running peak below, one time axis. */
export function equityChart({ equity }: KpiReport): Chart {
  const time = timeAxis(equity.points.map(([at]) => at));
  const value = (name: string) =>
    ({
      type: "value",
      scale: true,
      name,
      nameGap: 10,
      ...AXIS,
      nameTextStyle: { ...AXIS.nameTextStyle, align: "left" },
      axisLabel: { ...AXIS.axisLabel, formatter: dollarLabel },
    }) as const;
  return renderChart(
    "equity",
    "Equity and drawdown",
    "Cash plus open claims at their worst state, and its fall from the highest value so far. Time in UTC.",
    340,
    {
      grid: [
        { left: 84, right: 16, top: 28, height: 170 },
        { left: 84, right: 16, top: 236, height: 70 },
      ],
      xAxis: [
        { ...time, gridIndex: 0, axisLabel: { show: false } },
        { ...time, gridIndex: 1 },
      ],
      yAxis: [
        { ...value("Equity"), gridIndex: 0 },
        { ...value("Drawdown"), gridIndex: 1, max: 0, splitNumber: 2 },
      ],
      series: [
        {
          type: "line",
          step: "end",
          showSymbol: false,
          lineStyle: { color: "var(--c4)", width: 1.6 },
          data: equity.points.map(([at, text]) => [at / 1000, asFloat(text)]),
        },
        {
          type: "line",
          step: "end",
          showSymbol: false,
          xAxisIndex: 1,
          yAxisIndex: 1,
          lineStyle: { color: BAD, width: 1 },
          areaStyle: { color: BAD, opacity: 0.18, origin: "end" },
          data: equity.points.map(([at, , fall]) => [at / 1000, asFloat(fall)]),
        },
      ],
    },
  );
}

/** Running sums: what the plan promised, what the paper exchange gave, and that without outliers. */
export function cumulativeChart({ cumulative }: KpiReport): Chart {
  const line = (name: string, color: string, index: 1 | 2 | 3, dashed: boolean) => ({
    name,
    type: "line",
    step: "end",
    showSymbol: false,
    itemStyle: { color },
    lineStyle: { color, width: 1.8, type: dashed ? "dashed" : "solid" },
    data: cumulative.map((point) => [point[0] / 1000, asFloat(point[index])]),
  });
  return renderChart(
    "cumulative",
    "Cumulated over time",
    "Opened rows in order of closing. Where the dashed line leaves the solid one, an outlier decided. Time in UTC.",
    280,
    {
      grid: { left: 84, right: 16, top: 40, bottom: 28 },
      legend: { ...LEGEND, icon: "rect", itemHeight: 3, itemWidth: 18 },
      xAxis: timeAxis(cumulative.map(([at]) => at)),
      yAxis: { type: "value", ...AXIS, axisLabel: { ...AXIS.axisLabel, formatter: dollarLabel } },
      series: [
        line("Expected-realised", "var(--c2)", 1, false),
        line("Simulated-realised", "var(--c4)", 2, false),
        line("Simulated-realised, outliers removed", "var(--alt)", 3, true),
      ],
    },
  );
}

/** Histogram of P&L per opened row, outliers in their own colour. */
export function distributionChart({ distribution }: KpiReport): Chart {
  const { bars } = distribution;
  return renderChart(
    "distribution",
    "P&L per opened row",
    "Number of opened rows by simulated-realised P&L. Labels are the lower edge of a bar. Outliers are the rows the outlier-removed view drops; beyond the range of the rest they stand in the end bars.",
    260,
    {
      grid: { left: 56, right: 16, top: 36, bottom: 28 },
      legend: LEGEND,
      xAxis: {
        type: "category",
        data: bars.map((bar) => bar.label),
        ...AXIS,
        splitLine: { show: false },
      },
      yAxis: { type: "value", minInterval: 1, ...AXIS },
      series: [
        {
          name: "Rows",
          type: "bar",
          stack: "n",
          barCategoryGap: "12%",
          barMaxWidth: 60,
          itemStyle: { color: "var(--c3)" },
          data: bars.map((bar) => bar.kept),
        },
        {
          name: "Outliers",
          type: "bar",
          stack: "n",
          itemStyle: { color: "var(--alt)" },
          data: bars.map((bar) => bar.outliers),
        },
      ],
    },
  );
}
