import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricFamily, Sample } from "./metrics-family.ts";
import { FEED_FAMILIES, MARKET_FAMILIES } from "./metrics-feed.ts";
import { PACING_FAMILIES } from "./metrics-pacing.ts";
import type { RunReading } from "./metrics-reading.ts";
import { RUN_FAMILIES } from "./metrics-run.ts";
import { TRADING_FAMILIES } from "./metrics-trading.ts";

/** Samples of one metric; labels are ids and reason codes, so that no real run comes near. */
const MAX_SAMPLES = 2_000;
const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** Every metric that is read at the scrape. */
const FAMILIES: readonly MetricFamily[] = [
  ...RUN_FAMILIES,
  ...FEED_FAMILIES,
  ...MARKET_FAMILIES,
  ...PACING_FAMILIES,
  ...TRADING_FAMILIES,
];

/** The metrics of one run in a registry of its own. */
export class RunMetricsText {
  readonly #registry = new Registry();
  readonly #read: readonly {
    readonly family: MetricFamily;
    readonly metric: Counter<string> | Gauge<string>;
  }[];
  readonly #lag: Histogram;
  readonly #erLatency: Histogram<"venue">;

  constructor() {
    const registers = [this.#registry];
    this.#read = FAMILIES.map((family) => {
      const { name, help, labels, type } = family;
      const options = { name, help, labelNames: [...labels], registers };
      return { family, metric: type === "counter" ? new Counter(options) : new Gauge(options) };
    });
    this.#lag = new Histogram({
      name: "emp_event_lag_ms",
      help: "How late the rounds of the run start: how far what is judged lies behind what has arrived.",
      buckets: BUCKETS_MS,
      registers,
    });
    this.#erLatency = new Histogram({
      name: "emp_er_latency_ms",
      help: "From an order's issue to its first execution report with a fill.",
      labelNames: ["venue"],
      buckets: BUCKETS_MS,
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** One round of the run started so much after it was due. */
  lag(ms: number): void {
    this.#lag.observe(ms);
  }

  /** An order of this venue got its first fill. */
  filled(venue: string, afterMs: number): void {
    this.#erLatency.observe({ venue }, afterMs);
  }

  /** Prometheus text exposition format 0.0.4 of a reading. */
  text(reading: RunReading): Promise<string> {
    for (const { family, metric } of this.#read) {
      metric.reset();
      if (family.labels.length === 0 && metric instanceof Gauge) metric.remove();
      let samples = 0;
      for (const [values, value] of family.samples(reading)) {
        if (++samples > MAX_SAMPLES) break;
        if (!Number.isFinite(value)) continue;
        const labels = labelsOf(family, values);
        if (metric instanceof Counter) metric.inc(labels, value);
        else metric.set(labels, value);
      }
    }
    return this.#registry.metrics();
  }
}

function labelsOf({ labels }: MetricFamily, values: Sample[0]): Record<string, string> {
  return Object.fromEntries(labels.map((name, index) => [name, values[index] ?? ""]));
}
