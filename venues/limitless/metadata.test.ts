import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../src/contracts/index.ts";
import { memoryEnv, memoryRecording } from "../../tests/memory-sink.ts";
import { sharedDir } from "../../tests/shared.ts";
import { Announcer } from "./announce.ts";
import { readEntry, readPage } from "./metadata.ts";
import { marketsReader } from "./recordings/markets.ts";
import { SCALES } from "./scales.ts";

const AT = 1_782_066_000_000_000 as Micros;
const TERMS = { venue: "limitless", assumedTakerFeeBps: null };

function market(slug: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const number = [...slug].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7);
  return {
    slug,
    title: `Will ${slug} happen?`,
    status: "FUNDED",
    tradeType: "clob",
    tokens: { yes: `1${number}`, no: `2${number}` },
    expired: false,
    expirationTimestamp: 1_782_066_600_000,
    startAt: "2026-06-21T18:25:00.000Z",
    metadata: { fee: true },
    settings: { minSize: "100000000" },
    winningOutcomeIndex: null,
    negRiskRequestId: "0x1",
    isOther: false,
    volumeFormatted: "12.500000",
    ...changes,
  };
}

function group(
  markets: readonly unknown[],
  negRiskMarketId: string | null = "0xabc",
): Record<string, unknown> {
  return { slug: "who", title: "Who wins?", marketType: "group", markets, negRiskMarketId };
}

function familyOf(value: unknown) {
  const env = memoryEnv("limitless", SCALES);
  new Announcer(env, (fact, at) => env.sink.object(fact, at)).entry(readEntry(value, TERMS)!, AT);
  const facts = env.sink.objects.flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));
  return facts.map(({ exclusive, exhaustive, members }) => [
    exclusive.label,
    exhaustive.label,
    members.length,
  ]);
}

describe("a market", () => {
  it("is a unified book of its YES token with the venue's one grid", () => {
    const [one] = readEntry(market("rain"), TERMS)!.markets;
    expect(one).toMatchObject({ slug: "rain", status: "open", yesPayout: null, volume: 12.5 });
    expect(one!.listing).toMatchObject({
      market: "limitless:rain",
      side: "unified",
      priceScale: 1_000,
      sizeScale: 1_000_000,
      tickRanges: [{ fromTicks: 1, toTicks: 999, stepTicks: 1 }],
      minLots: 100_000_000,
      lotStep: 1_000,
      status: "open",
      opensAt: 1_782_066_300_000_000,
      closesAt: 1_782_066_600_000_000,
    });
  });

  it.each([
    [true, null, { type: "unknown" }],
    [undefined, null, { type: "unknown" }],
    ["yes", null, { type: "unknown" }],
    [false, null, { type: "none" }],
    [false, "150", { type: "none" }],
    [true, "150", { type: "in_shares", bps: "150" }],
  ])("with fee %s and the assumption %s has the fee %o", (fee, assumedTakerFeeBps, spec) => {
    const [one] = readEntry(market("rain", { metadata: { fee } }), { ...TERMS, assumedTakerFeeBps })!.markets;
    const [version] = one!.listing!.fees;
    expect(version).toMatchObject({ spec });
    if (spec.type === "in_shares") expect(version!.source).toContain("session.assumedTakerFeeBps");
  });

  it.each([
    [{ status: "RESOLVED", winningOutcomeIndex: 0 }, "resolved", "1"],
    [{ status: "RESOLVED", winningOutcomeIndex: 1 }, "resolved", "0"],
    [{ status: "RESOLVED" }, "resolved", null],
    [{ expired: true }, "closed", null],
    [{ status: "LOCKED" }, "unknown", null],
    [{ winningOutcomeIndex: 0 }, "open", null],
  ])("with %o is %s and pays %s", (changes, status, yesPayout) => {
    expect(readEntry(market("rain", changes), TERMS)!.markets).toMatchObject([{ status, yesPayout }]);
  });

  it("of an AMM, or without tokens, has no book; what has no slug or status is refused", () => {
    for (const changes of [{ tradeType: "amm" }, { tokens: null }])
      expect(readEntry(market("rain", changes), TERMS)!.markets).toMatchObject([{ listing: null }]);
    for (const changes of [
      { slug: undefined },
      { slug: "a b" },
      { status: 1 },
      { tokens: { yes: "x", no: "1" } },
    ])
      expect(readEntry(market("rain", changes), TERMS)).toBeNull();
  });
});

describe("a group", () => {
  const three = [market("a"), market("b"), market("c", { isOther: true })];

  it("is exclusive as a negative-risk market, exhaustive when an outcome stands for the rest", () => {
    expect(familyOf(group(three))).toEqual([["yes", "yes", 3]]);
    expect(familyOf(group(three.slice(0, 2)))).toEqual([["yes", "unknown", 2]]);
  });

  it("promises nothing without negative risk, with a foreign or an unreadable outcome", () => {
    expect(familyOf(group(three, null))).toEqual([["unknown", "unknown", 3]]);
    expect(familyOf(group([...three, market("d", { negRiskRequestId: null })]))).toEqual([
      ["unknown", "unknown", 4],
    ]);
    expect(familyOf(group([...three, { slug: "broken" }]))).toEqual([["unknown", "unknown", 3]]);
  });

  it("names outcomes without a book, and is no family with fewer than two", () => {
    const env = memoryEnv("limitless", SCALES);
    const entry = readEntry(group([...three, market("d", { tradeType: "amm" })]), TERMS)!;
    const announcer = new Announcer(env, (fact, at) => env.sink.object(fact, at));
    announcer.entry(entry, AT);
    const count = env.sink.objects.length;
    announcer.entry(entry, AT);
    expect(env.sink.objects).toHaveLength(count);
    expect(env.sink.objects.at(-1)).toMatchObject({ families: [{ unquoted: ["Will d happen?"] }] });
    expect(familyOf(group([market("a")]))).toEqual([]);
  });
});

it("a page has its entries and their number over all pages", () => {
  expect(readPage({ data: [1, 2], totalMarketsCount: 7 })).toEqual({ entries: [1, 2], total: 7 });
  expect(readPage({ data: {}, totalMarketsCount: 7 })).toBeNull();
  expect(readPage([])).toBeNull();
});

describe("the reader of recorded markets", () => {
  const shared = sharedDir();
  const file =
    shared === null ? "" : join(shared, "data/samples/limitless/drmanhattan_limitless_markets.json");

  it.skipIf(shared === null)("reads every recorded market (skipped without the recordings)", () => {
    const sink = memoryRecording(memoryEnv("limitless", SCALES));
    const reader = marketsReader.open(sink, {});
    const bytes = readFileSync(file);
    reader.accept(bytes, 0, bytes.length);
    reader.end();
    expect(sink.rejects).toEqual([]);
    const { instruments } = sink.env.symbols;
    expect(instruments).toHaveLength(5);
    for (const { status, closesAt, minLots, fees, mirrorSymbol } of instruments) {
      expect([status, closesAt, minLots]).toEqual(["open", 1_782_066_600_000_000, 100_000_000]);
      expect(fees[0]!.spec.type).toBe("unknown");
      expect(mirrorSymbol).toMatch(/^\d{70,78}$/);
    }
  });

  it("takes a page, a list or one market, with its options", () => {
    for (const document of [{ data: [market("a")], totalMarketsCount: 1 }, [market("a")], market("a")]) {
      const sink = memoryRecording(memoryEnv("limitless", SCALES));
      const reader = marketsReader.open(sink, { at: "2026-06-21T18:25:00.000Z", fee: "150" });
      const bytes = Buffer.from(JSON.stringify(document));
      reader.accept(bytes, 0, bytes.length);
      expect([sink.rejects, sink.env.symbols.instruments[0]?.fees[0]?.spec.type]).toEqual([[], "in_shares"]);
    }
    const sink = memoryRecording(memoryEnv("limitless", SCALES));
    const bytes = Buffer.from(JSON.stringify(market("a")));
    marketsReader.open(sink, {}).accept(bytes, 0, bytes.length);
    marketsReader.open(sink, { fee: "much" }).accept(bytes, 0, bytes.length);
    expect(sink.rejects.map(({ reason }) => reason)).toEqual(["import.bad_line", "import.bad_line"]);
  });
});
