import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricFamily, ValueFamily } from "./metrics-family.ts";
import { FEED_FAMILIES, MARKET_FAMILIES } from "./metrics-feed.ts";
import { PACING_FAMILIES } from "./metrics-pacing.ts";
import type { RunReading } from "./metrics-reading.ts";
import { RUN_FAMILIES } from "./metrics-run.ts";
import { CountedSummary } from "./metrics-summary.ts";
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
  /** One per family: shows a reading. */
  readonly #shows: readonly ((reading: RunReading) => void)[];
  readonly #lag: Histogram;
  readonly #erLatency: Histogram<"venue">;

  constructor() {
    const registers = [this.#registry];
    this.#shows = FAMILIES.map((family) => showing(family, this.#registry));
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
    for (const show of this.#shows) show(reading);
    return this.#registry.metrics();
  }
}

function showing(family: MetricFamily, registry: Registry): (reading: RunReading) => void {
  const options = {
    name: family.name,
    help: family.help,
    labelNames: [...family.labels],
    registers: [registry],
  };
  if (family.type === "summary") {
    const metric = new CountedSummary(options);
    return (reading) =>
      metric.show(
        bounded(family.samples(reading))
          .filter(([, { count }]) => count > 0)
          .map(([values, quantiles]) => ({ labels: labelsOf(family, values), reading: quantiles })),
      );
  }
  const metric = family.type === "counter" ? new Counter(options) : new Gauge(options);
  return (reading) => showValues(family, metric, reading);
}

function showValues(family: ValueFamily, metric: Counter<string> | Gauge<string>, reading: RunReading): void {
  metric.reset();
  // A gauge without labels would show 0 for what is not known.
  if (family.labels.length === 0 && metric instanceof Gauge) metric.remove();
  for (const [values, value] of bounded(family.samples(reading))) {
    if (!Number.isFinite(value)) continue;
    if (metric instanceof Counter) metric.inc(labelsOf(family, values), value);
    else metric.set(labelsOf(family, values), value);
  }
}

function bounded<T>(samples: Iterable<T>): readonly T[] {
  return [...samples].slice(0, MAX_SAMPLES);
}

function labelsOf({ labels }: MetricFamily, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((name, index) => [name, values[index] ?? ""]));
}
