import type { LabelledCount, QuantileReading, ReasonCounts, RunReading } from "./metrics-reading.ts";

/** Values of a family's labels, in the order of its label names, and the number. */
export type Sample = readonly [labels: readonly string[], value: number];

/** A metric whose samples are read off the state of the run at the scrape. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (reading: RunReading) => Iterable<Sample>;
}

type Samples = MetricFamily["samples"];

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

/** One sample without labels; null = none. */
export function one(value: number | boolean | null): readonly Sample[] {
  return value === null ? [] : [[[], Number(value)]];
}

/** A sample per reason code. */
export function byReason(first: string, counts: ReasonCounts): readonly Sample[] {
  return Object.entries(counts).map(([reason, count]) => [[first, reason], count]);
}

/** The quantiles of a distribution; nothing while nothing was counted. */
export function quantiles(labels: readonly string[], reading: QuantileReading | null): readonly Sample[] {
  if (reading === null || reading.count === 0) return [];
  return [
    [[...labels, "0.5"], reading.p50Ms],
    [[...labels, "0.95"], reading.p95Ms],
    [[...labels, "0.99"], reading.p99Ms],
  ];
}

/** Counts that carry their labels. */
export function counted(counts: readonly LabelledCount[]): readonly Sample[] {
  return counts.map(({ labels, count }) => [labels, count]);
}
