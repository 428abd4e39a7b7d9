import { Summary } from "prom-client";
import type { QuantileReading } from "./metrics-reading.ts";

/** Quantiles of one label set. */
export interface SummarySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly reading: QuantileReading;
}

type Written = Awaited<ReturnType<Summary["get"]>>["values"][number];

/** A summary whose quantiles were counted elsewhere. It states no sum, because nobody kept one. */
export class CountedSummary extends Summary {
  readonly #name: string;
  #values: readonly Written[] = [];

  constructor(options: ConstructorParameters<typeof Summary>[0]) {
    super(options);
    this.#name = options.name;
  }

  show(samples: readonly SummarySample[]): void {
    this.#values = samples.flatMap(({ labels, reading: { count, p50Ms, p95Ms, p99Ms } }) => [
      { labels: { ...labels, quantile: "0.5" }, value: p50Ms },
      ...(p95Ms === null ? [] : [{ labels: { ...labels, quantile: "0.95" }, value: p95Ms }]),
      { labels: { ...labels, quantile: "0.99" }, value: p99Ms },
      { metricName: `${this.#name}_count`, labels, value: count },
    ]);
  }

  override async get(): ReturnType<Summary["get"]> {
    // Taken before anything is awaited: scrapes that overlap show each their own.
    const values = [...this.#values];
    return { ...(await super.get()), values };
  }
}
