import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { register } from "prom-client";
import { describe, expect, it } from "vitest";
import { RunMetricsText } from "./metrics.ts";
import type { RunReading } from "./metrics-reading.ts";
import { type ParsedFamily, parseExposition } from "./metrics-test-parser.ts";
import { TEST_READING, TEST_VENUE } from "./metrics-test-reading.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "metrics.md");

async function scraped(reading: RunReading, metrics = full()): Promise<ReadonlyMap<string, ParsedFamily>> {
  return parseExposition(await metrics.text(reading));
}

function full(): RunMetricsText {
  const metrics = new RunMetricsText();
  metrics.lag(3);
  metrics.filled("kalshi", 80);
  return metrics;
}

/** Value of the one sample with these labels. */
function sampled(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const key = JSON.stringify(Object.entries(labels).sort());
  return families
    .get(name)
    ?.samples.find((each) => JSON.stringify(Object.entries(each.labels).sort()) === key)?.value;
}

describe("the exposition", () => {
  it("states help, type and a sample of every metric", async () => {
    const families = await scraped(TEST_READING);
    expect(families.size).toBeGreaterThan(60);
    const empty = [...families.values()].filter(({ samples }) => samples.length === 0);
    expect(empty.map(({ name }) => name)).toEqual([]);
  });

  it("names everything emp_, counters _total and nothing else", async () => {
    for (const { name, type } of (await scraped(TEST_READING)).values()) {
      expect(name).toMatch(/^emp_[a-z][a-z_]*[a-z]$/);
      expect(`${name} ${name.endsWith("_total")}`).toBe(`${name} ${type === "counter"}`);
    }
  });

  it("shows the numbers of the reading", async () => {
    const families = await scraped(TEST_READING);
    expect(sampled(families, "emp_uptime_seconds")).toBe(61.5);
    expect(sampled(families, "emp_risk_halted")).toBe(0);
    expect(sampled(families, "emp_queue_depth", { venue: "kalshi", class: "read" })).toBe(7);
    expect(sampled(families, "emp_staleness_ms", { venue: "kalshi" })).toBe(240);
    expect(sampled(families, "emp_connectivity", { venue: "kalshi" })).toBe(1);
    expect(sampled(families, "emp_coverage_ratio", { venue: "kalshi" })).toBe(0.75);
    expect(sampled(families, "emp_venue_delay_ms", { venue: "kalshi", quantile: "0.99" })).toBe(20);
    expect(sampled(families, "emp_equity", { currency: "USD" })).toBe(1001.75);
    expect(
      sampled(families, "emp_opportunities_refused_total", {
        lane: "intra",
        stage: "risk",
        reason: "risk.degraded",
      }),
    ).toBe(3);
  });

  it("counts as rejects what was not read, and as drops what found no room, each once", async () => {
    const families = await scraped(TEST_READING);
    const rejects = families.get("emp_rejects_total")!.samples;
    expect(rejects.map(({ labels, value }) => [labels["reason"], value])).toEqual([["wire.unreadable", 2]]);
    const drops = families.get("emp_drops_total")!.samples;
    expect(drops.map(({ labels, value }) => [labels["reason"], value])).toEqual([
      ["feed.overflow", 1],
      ["feed.queue_full", 4],
    ]);
  });

  it("buckets the lag and the latency of execution reports", async () => {
    const families = await scraped(TEST_READING);
    const lag = families.get("emp_event_lag_ms")!.samples;
    const upTo = (le: string) => lag.find(({ labels }) => labels["le"] === le)?.value;
    expect([upTo("2"), upTo("5"), upTo("+Inf")]).toEqual([0, 1, 1]);
    const er = families.get("emp_er_latency_ms")!.samples;
    expect(er.find(({ name }) => name === "emp_er_latency_ms_sum")?.value).toBe(80);
  });

  it("leaves out what is not known, and forgets nothing when it is known again", async () => {
    const metrics = full();
    const unknown = {
      ...TEST_READING,
      desk: null,
      venues: [{ ...TEST_VENUE, stalenessMs: null, clockSkewMs: Number.NaN, delay: null }],
    };
    const without = await scraped(unknown, metrics);
    for (const name of ["emp_staleness_ms", "emp_clock_skew_ms", "emp_venue_delay_ms", "emp_risk_halted"])
      expect(without.get(name)!.samples).toEqual([]);
    const again = await scraped(TEST_READING, metrics);
    expect(sampled(again, "emp_reconnects_total", { venue: "kalshi" })).toBe(1);
    expect(sampled(again, "emp_risk_halted")).toBe(0);
  });

  it("escapes what a label may hold", async () => {
    const families = await scraped({
      ...TEST_READING,
      run: { ...TEST_READING.run, profile: 'a "b" \\ c\nd' },
    });
    expect(families.get("emp_info")!.samples[0]!.labels["profile"]).toBe('a "b" \\ c\nd');
  });

  it("bounds the samples of a metric", async () => {
    const bare = { ...TEST_VENUE, classes: [], reasons: {}, reconciled: null };
    const venues = Array.from({ length: 2_001 }, (_, at) => ({ ...bare, id: `v${at}` }));
    const families = await scraped({ ...TEST_READING, venues });
    expect(families.get("emp_staleness_ms")!.samples).toHaveLength(2_000);
  });

  it("keeps runs apart, and the library's global registry empty", async () => {
    const one = full();
    const other = new RunMetricsText();
    one.lag(3);
    expect((await scraped(TEST_READING, one)).get("emp_event_lag_ms")!.samples.at(-1)!.value).toBe(2);
    expect((await scraped(TEST_READING, other)).get("emp_event_lag_ms")!.samples.at(-1)!.value).toBe(0);
    expect(register.getMetricsAsArray()).toEqual([]);
  });

  it("answers scrapes that overlap, each with its own numbers", async () => {
    const metrics = full();
    const texts = await Promise.all([
      metrics.text(TEST_READING),
      metrics.text({ ...TEST_READING, uptimeMs: 70_000 }),
    ]);
    const uptimes = texts.map((text) => sampled(parseExposition(text), "emp_uptime_seconds"));
    expect(uptimes).toEqual([61.5, 70]);
  });
});

describe("docs/metrics.md", () => {
  it("lists every metric with its type and labels, and no other", async () => {
    expect(existsSync(PAGE)).toBe(true);
    const rows = readFileSync(PAGE, "utf8").matchAll(/^\| `(emp_\w+)` \| (\w+) \|([^|]*)\|/gm);
    const documented = [...rows].map(([, name, type, labels]) => `${name} ${type} ${labels!.trim()}`);
    const served = [...(await scraped(TEST_READING)).values()].map(({ name, type, samples }) => {
      const labels = Object.keys(samples[0]!.labels).filter(
        (label) => label !== "le" && label !== "quantile",
      );
      return `${name} ${type} ${labels.map((label) => `\`${label}\``).join(", ")}`.trim();
    });
    expect(documented.map((row) => row.trim()).sort()).toEqual(served.sort());
  });
});

describe("the strict parser", () => {
  it.each([
    ["no end", "# HELP a b\n# TYPE a gauge\na 1"],
    ["no type", "# HELP a b\na 1\n"],
    ["a number that is none", "# HELP a b\n# TYPE a gauge\na one\n"],
    ["a bare label", "# HELP a b\n# TYPE a gauge\na{x=1} 1\n"],
    ["a foreign sample", "# HELP a b\n# TYPE a gauge\nb 1\n"],
    ["a sample twice", "# HELP a b\n# TYPE a gauge\na 1\na 2\n"],
    ["a family twice", "# HELP a b\n# TYPE a gauge\n# HELP a b\n# TYPE a gauge\n"],
    ["a histogram without +Inf", '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n'],
  ])("refuses %s", (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
