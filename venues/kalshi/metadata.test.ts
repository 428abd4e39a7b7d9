import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Family, Micros } from "../../src/contracts/index.ts";
import { memoryEnv } from "../../tests/memory-sink.ts";
import { sharedDir } from "../../tests/shared.ts";
import { readDocument } from "./documents.ts";
import { feeSpec } from "./fees.ts";
import { listingOf, marketSchema } from "./metadata.ts";
import { announceMetadata } from "./metadata-facts.ts";
import { KALSHI_SCALES } from "./scales.ts";
import { tickRanges } from "./tick-ranges.ts";

const market = (fields: Record<string, unknown> = {}) =>
  marketSchema.parse({
    ticker: "KXA-26NOV21-A",
    event_ticker: "KXA-26NOV21",
    status: "active",
    title: "Will it?",
    yes_sub_title: "Yes it will",
    open_time: "2026-08-11T01:15:00Z",
    close_time: "2026-08-11T01:30:00Z",
    volume_fp: "1.00",
    price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
    ...fields,
  });

function families(document: unknown): Family[] {
  const env = memoryEnv("kalshi", KALSHI_SCALES);
  announceMetadata(readDocument(document), env, 0 as Micros);
  return env.sink.objects.flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));
}

describe("listings", () => {
  it("carry grid, lots, times and status of the current format", () => {
    expect(listingOf(market(), { type: "quadratic", multiplier: "1" })).toMatchObject({
      symbol: "KXA-26NOV21-A",
      market: "kalshi:KXA-26NOV21-A",
      side: "unified",
      title: "Will it? | Yes it will",
      tickRanges: [{ fromTicks: 0, toTicks: 10_000, stepTicks: 100 }],
      minLots: 1,
      lotStep: 1,
      status: "open",
      opensAt: 1_786_410_900_000_000,
      closesAt: 1_786_411_800_000_000,
    });
  });

  it("trade whole contracts where the format knows no fractions", () => {
    expect(listingOf(market({ volume: 12 }), null)).toMatchObject({ minLots: 100, lotStep: 100 });
    expect(listingOf(market({ fractional_trading_enabled: false }), null)).toMatchObject({ lotStep: 100 });
  });

  it.each([
    ["initialized", "paused"],
    ["inactive", "paused"],
    ["closed", "closed"],
    ["disputed", "closed"],
    ["finalized", "resolved"],
    ["something new", "unknown"],
  ])("status %s is %s", (status, expected) => {
    expect(listingOf(market({ status }), null).status).toBe(expected);
  });

  it("leave out times that are not stated", () => {
    expect(listingOf(market({ open_time: "0001-01-01T00:00:00Z", close_time: "" }), null)).toMatchObject({
      opensAt: null,
      closesAt: null,
    });
  });

  it("a grid with a hole, a step that does not fit or an unreadable number is unknown", () => {
    const range = (start: string, end: string, step: string) => ({ start, end, step });
    expect(tickRanges([range("0", "0.1", "0.001"), range("0.1", "1", "0.01")])).toHaveLength(2);
    expect(tickRanges([range("0", "0.1", "0.001"), range("0.2", "1", "0.01")])).toEqual([]);
    expect(tickRanges([range("0", "1", "0.03")])).toEqual([]);
    expect(tickRanges([range("0", "1", "0.00001")])).toEqual([]);
    expect(tickRanges([range("0", "1.5", "0.01")])).toEqual([]);
  });
});

describe("fees", () => {
  it.each([
    ["quadratic", "1", "0.07", "0"],
    ["quadratic", "0", "0", "0"],
    ["quadratic_with_maker_fees", "0.5", "0.035", "0.00875"],
    ["quadratic_with_combo_maker_fees", "1", "0.07", "0.035"],
  ])("%s x %s charges takers %s and makers %s", (type, multiplier, takerRate, makerRate) => {
    expect(feeSpec({ type, multiplier })).toEqual({
      ...{ type: "kalshi", takerRate, makerRate },
      ...{ balancePrecision: "0.01", tradeFeePrecision: "0.000001" },
    });
  });

  it("anything not published is unknown", () => {
    for (const fee of [null, { type: "flat", multiplier: "1" }, { type: "quadratic", multiplier: "-1" }])
      expect(feeSpec(fee).type).toBe("unknown");
  });

  it("a waiver is relied on only when asked", () => {
    const waived = market({ fee_waiver_expiration_time: "2026-09-01T00:00:00Z" });
    const fee = { type: "quadratic", multiplier: "1" };
    expect(listingOf(waived, fee).fees.map(({ spec }) => spec.type)).toEqual(["kalshi"]);
    const relying = listingOf(waived, fee, { balancePrecision: "0.0001", relyOnWaiver: true });
    expect(relying.fees.map(({ from, spec }) => [from, spec.type])).toEqual([
      [0, "none"],
      [1_788_220_800_000_000, "kalshi"],
    ]);
  });

  it("an event's override replaces its own field only", () => {
    const env = memoryEnv("kalshi", KALSHI_SCALES);
    const event = { event_ticker: "KXA-26NOV21", series_ticker: "KXA", fee_multiplier_override: 0.5 };
    const series = { ticker: "KXA", fee_type: "quadratic_with_maker_fees", fee_multiplier: 1 };
    announceMetadata(readDocument([series, { ...event, markets: [market()] }]), env, 0 as Micros);
    expect(env.symbols.instruments[0]!.fees[0]!.spec).toMatchObject({
      takerRate: "0.035",
      makerRate: "0.00875",
    });
  });
});

describe("families", () => {
  const pair = [market({ ticker: "KXA-26NOV21-A" }), market({ ticker: "KXA-26NOV21-B" })];

  it("are exclusive as the venue says, and never exhaustive for that", () => {
    const [family] = families({ event_ticker: "KXA-26NOV21", mutually_exclusive: true, markets: pair });
    expect(family).toMatchObject({ id: "kalshi:KXA-26NOV21", members: [0, 1] });
    expect([family!.exclusive.label, family!.exhaustive.label]).toEqual(["yes", "unknown"]);
    expect(family!.exclusive.hash).toMatch(/^[0-9a-f]{64}$/);
    const [ladder] = families({ event_ticker: "KXA-26NOV21", mutually_exclusive: false, markets: pair });
    expect(ladder!.exclusive.label).toBe("no");
  });

  it("of scalar markets promise nothing", () => {
    const scalar = pair.map((each) => ({ ...each, market_type: "scalar" }));
    const [family] = families({ event_ticker: "KXA-26NOV21", mutually_exclusive: true, markets: scalar });
    expect([family!.exclusive.label, family!.exhaustive.label]).toEqual(["unknown", "unknown"]);
  });

  it("both shapes of a venue error are recognised", () => {
    expect(readDocument({ error: { code: "order_already_exists" } }).venueError).toBe("order_already_exists");
    expect(readDocument({ code: "bad_request", message: "no", details: "" }).venueError).toBe("bad_request");
    expect(readDocument({ error: "too many requests" }).venueError).toBe("too many requests");
  });

  it("documents nested beyond reason, or with wrong types, never throw", () => {
    let nested: unknown = {};
    for (let i = 0; i < 1_000; i++) nested = { events: [nested] };
    expect(readDocument(nested).markets).toEqual([]);
    expect(readDocument([{ ticker: 5, event_ticker: {}, status: [] }]).refused).toHaveLength(1);
    expect(readDocument(null).markets).toEqual([]);
  });
});

const shared = sharedDir();
const root = shared === null ? "" : join(shared, "data", "kalshi");
const load = (path: string): unknown => {
  const bytes = readFileSync(join(root, path));
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
};

describe.skipIf(shared === null)("recorded metadata (skipped without ../shared)", () => {
  it.each([
    ["events_2026-05/events.json.gz", 7_349, 0],
    ["events_2026-05/mutually_exclusive_events.json.gz", 2_444, 0],
    ["events_2026-05/non_mutually_exclusive_events.json.gz", 1_666, 0],
    ["events_2026-05/kalshi_spread_events.json.gz", 240, 1_098],
    ["open_events_2025-02/events_20250219.json.gz", 1_911, 0],
    ["open_events_2025-02/events_20250224.json.gz", 1_936, 0],
    ["snapshot_2024-06/event_data.json.gz", 100, 0],
    ["snapshot_2024-06/market_data.json.gz", 0, 291],
    ["rest_ws_captures_2026-08/events_sports_nested.json.gz", 32, 245],
    ["rest_ws_captures_2026-08/events_nfl_preseason.json.gz", 32, 64],
    ["rest_ws_captures_2026-08/markets_settled.json.gz", 0, 44],
  ])("%s holds %i events and %i markets, all read", (path, events, markets) => {
    const document = readDocument(load(path));
    expect([document.events.size, document.markets.length, document.refused]).toEqual([events, markets, []]);
  });

  it("3,569 of the 7,349 events of May 2026 are mutually exclusive", () => {
    const { events } = readDocument(load("events_2026-05/events.json.gz"));
    expect([...events.values()].filter((event) => event.mutually_exclusive === true)).toHaveLength(3_569);
  });

  it("every New York temperature event is a proved partition, and paid exactly one YES", () => {
    const files = readdirSync(join(root, "kxhighny_2026-02")).filter((file) =>
      file.includes("event_markets"),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const document = load(join("kxhighny_2026-02", file));
      const [family] = families(document);
      expect([family!.exclusive.label, family!.exhaustive.label]).toEqual(["yes", "yes"]);
      expect(readDocument(document).markets.filter(({ result }) => result === "yes")).toHaveLength(1);
    }
  });

  it("the series that were charged half a fee say so", () => {
    const { series } = readDocument(load("rest_ws_captures_2026-08/series_fee_fields.json.gz"));
    expect(series.get("KXMLBGAME")).toEqual({ type: "quadratic_with_maker_fees", multiplier: "0.5" });
    expect(series.get("KXATPDOUBLES")).toEqual({ type: "quadratic", multiplier: "1" });
  });
});
