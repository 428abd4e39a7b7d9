import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { countLabel } from "../money.ts";
import type { Chart } from "../page/document.ts";
import { escapeText } from "../page/markup.ts";

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

const WIDTH = 1040;

/** Page tokens: resolved by the style sheet around the SVG, so that it follows light and dark. */
export const INK = "var(--ink)";
export const SOFT = "var(--soft)";
const GRID = "var(--grid)";
export const LADDER_COLOURS = ["var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)"] as const;
export const GOOD = "var(--good)";
export const BAD = "var(--bad)";
export const SERIES_COLOURS = [
  "var(--c4)",
  "var(--alt)",
  "var(--alt3)",
  "var(--alt2)",
  "var(--c2)",
  "var(--warn)",
] as const;

/** Axis look shared by all charts. */
export const AXIS = {
  axisLine: { lineStyle: { color: SOFT } },
  axisTick: { show: false },
  axisLabel: { color: SOFT, fontSize: 12, hideOverlap: true },
  splitLine: { lineStyle: { color: GRID } },
  nameTextStyle: { color: SOFT, fontSize: 12 },
} as const;

export const LEGEND = {
  top: 0,
  left: 0,
  itemWidth: 12,
  itemHeight: 12,
  itemGap: 16,
  textStyle: { color: INK, fontSize: 12 },
} as const;

/** Amounts on axes and bars: `$12,345.5`, at most two decimals. */
export function dollarLabel(value: number): string {
  const cents = Math.round(Math.abs(value) * 100);
  const fraction = String(cents % 100)
    .padStart(2, "0")
    .replace(/0+$/, "");
  const sign = value < 0 && cents > 0 ? "-" : "";
  return `${sign}$${countLabel(Math.floor(cents / 100))}${fraction === "" ? "" : `.${fraction}`}`;
}

const MINUTE_MICROS = 60_000_000;

/** Template for the labels of a time axis (UTC) that spans the instants given, in microseconds. */
export function timeLabel(instants: readonly number[]): string {
  const span = (instants.at(-1) ?? 0) - (instants[0] ?? 0);
  if (span < 10 * MINUTE_MICROS) return "{HH}:{mm}:{ss}";
  return span < 2880 * MINUTE_MICROS ? "{HH}:{mm}" : "{MM}-{dd} {HH}:{mm}";
}

/**
 * Renders an option to a static SVG of our width. The same option always gives the same text: process-wide counters,
 * hover styles and data attributes of the library are taken out.
 */
export function renderChart(
  id: string,
  title: string,
  description: string,
  height: number,
  option: EChartsCoreOption,
): Chart {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, useUTC: true, textStyle: { fontFamily: "inherit" }, ...option });
    return { title, description, svg: tidy(chart.renderToSVGString(), id, title, description) };
  } finally {
    chart.dispose();
  }
}

function tidy(svg: string, id: string, title: string, description: string): string {
  const labels = `<title id="${id}-t">${escapeText(title)}</title><desc id="${id}-d">${escapeText(description)}</desc>`;
  return svg
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/g, "")
    .replace(/ (class|ecmeta_\w+|pointer-events)="[^"]*"/g, "")
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/font-family:[^;"]*;?/g, "")
    .replace(/font: normal (\w+) (\d+)px inherit/g, "font-weight:$1;font-size:$2px")
    .replace(/ (width|height)="\d+" (width|height)="\d+"/, "")
    .replace(/<svg /, `<svg role="img" aria-labelledby="${id}-t ${id}-d" `)
    .replace(/(<svg [^>]*>)/, `$1${labels}`);
}
