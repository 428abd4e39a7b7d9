import type { LabelledCount, QuantileReading, ReasonCounts, RunReading } from "./metrics-reading.ts";

/** Values of a family's labels, in the order of its label names, and the number. */
export type Sample = readonly [labels: readonly string[], value: number];

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Numbers that are read off the state of the run at the scrape. */
export interface ValueFamily extends Described {
  readonly type: "counter" | "gauge";
  readonly samples: (reading: RunReading) => Iterable<Sample>;
}

/** Quantiles that were counted elsewhere. */
interface QuantileFamily extends Described {
  readonly type: "summary";
  readonly samples: (reading: RunReading) => Iterable<readonly [labels: readonly string[], QuantileReading]>;
}

export type MetricFamily = ValueFamily | QuantileFamily;

type Samples = ValueFamily["samples"];

/** A count that only grows while the run lasts; its name ends in `_total`. */
export function counter(
  name: string,
  labels: readonly string[],
  help: string,
  samples: Samples,
): MetricFamily {
  return { name, type: "counter", help, labels, samples };
}

/** A value that may go up and down. */
export function gauge(name: string, labels: readonly string[], help: string, samples: Samples): MetricFamily {
  return { name, type: "gauge", help, labels, samples };
}

/** Quantiles over the whole run. */
export function summary(
  name: string,
  labels: readonly string[],
  help: string,
  samples: QuantileFamily["samples"],
): MetricFamily {
  return { name, type: "summary", help, labels, samples };
}

/** One sample without labels; null = none. */
export function one(value: number | boolean | null): readonly Sample[] {
  return value === null ? [] : [[[], Number(value)]];
}

/** A sample per reason code. */
export function byReason(first: string, counts: ReasonCounts): readonly Sample[] {
  return Object.entries(counts).map(([reason, count]) => [[first, reason], count]);
}

/** Counts that carry their labels. */
export function counted(counts: readonly LabelledCount[]): readonly Sample[] {
  return counts.map(({ labels, count }) => [labels, count]);
}
