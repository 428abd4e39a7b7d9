import { describe, expect, it } from "vitest";
import type { EventSpec, Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { readDocument } from "../documents.ts";
import { announceMetadata } from "../metadata-facts.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { kalshiEmbedded } from "./module.ts";
import { strikesOf } from "./strikes.ts";
import { DEGREES, NAMES, question, Scene, START, sha256 } from "./testing/scene.ts";

const open = (specs: readonly EventSpec[]): Scene => {
  const clock = new StepClock(START);
  return new Scene({
    clock,
    exchange: new MatchingExchange("kalshi", clock),
    rng: new SeededRng("list"),
    specs,
  });
};

/** All varieties of ticks and fees, in every kind of event. */
const SPECS = Array.from({ length: 42 }, (_, i): EventSpec => {
  const kinds = [
    { kind: "binary", outcomes: ["Yes"] },
    { kind: "bucket", outcomes: DEGREES },
    { kind: "open_bucket", outcomes: NAMES },
  ] as const;
  return question(i, { ...kinds[i % 3]!, variety: i, closesAt: (START + 1_234_567 * (i + 1)) as Micros });
});

describe("listings", () => {
  it("are exactly what the adapter reads from the served documents", () => {
    const scene = open(SPECS);
    const env = memoryEnv("kalshi", KALSHI_SCALES);
    const documents = [scene.get("/series").json.series, scene.get("/events?with_nested_markets=true").json];
    const read = readDocument(documents);
    expect(read.refused).toEqual([]);
    announceMetadata(read, env, START);
    const listings = scene.events.flatMap((event) => event.markets.map((market) => market.listing));
    expect(env.symbols.instruments.map(({ book, key, venue, ...listing }) => listing)).toEqual(listings);
    const rates = new Set(listings.map(({ fees }) => JSON.stringify(fees[0]!.spec)));
    expect(rates.size).toBe(5);
    expect(listings.every(({ fees }) => fees[0]!.spec.type === "kalshi")).toBe(true);
    expect(new Set(listings.map(({ tickRanges }) => JSON.stringify(tickRanges))).size).toBe(3);
  });

  it("prove degrees to be a partition, and names to be exclusive only", () => {
    const env = memoryEnv("kalshi", KALSHI_SCALES);
    announceMetadata(readDocument(open(SPECS).get("/events?with_nested_markets=true").json), env, START);
    const families = env.sink.objects.flatMap((fact) =>
      fact.kind === "market.families" ? fact.families : [],
    );
    const labels = families.map(({ members, exclusive, exhaustive }) => [
      members.length,
      exclusive.label,
      exhaustive.label,
    ]);
    expect(labels.filter(([size]) => size === 4)).toEqual(Array(14).fill([4, "yes", "yes"]));
    expect(labels.filter(([size]) => size === 3)).toEqual(Array(14).fill([3, "yes", "unknown"]));
    expect(labels).toHaveLength(28);
  });

  it("have tickers of the venue's grammar, unique over slots and generations", () => {
    const tickers = [0, 1, 2].flatMap((generation) =>
      SPECS.flatMap((spec) => {
        const event = kalshiEmbedded.list({ ...spec, generation }, "kalshi", sha256);
        return event.markets.map(({ id }) => id);
      }),
    );
    expect(new Set(tickers).size).toBe(tickers.length);
    for (const ticker of tickers) expect(ticker).toMatch(/^KXSIM\d+[A-Z]-\d\d[A-Z]{3}\d\dG\d-[A-Z0-9.-]+$/);
  });

  it("name the venue they are listed at", () => {
    const [market] = kalshiEmbedded.list(question(1), "kalshi_two", sha256).markets;
    expect(market!.listing.market).toBe(`kalshi_two:${market!.id}`);
  });
});

describe("strikes", () => {
  it.each([
    [
      ["41 or below", "42 or above"],
      ["T42", "T41"],
    ],
    [
      ["0.9 or below", "1.0 to 1.9", "2.0 or above"],
      ["T1", "B1.45", "T1.9"],
    ],
    [
      ["-3 or below", "-2 to 0", "1 or above"],
      ["T-2", "B-1", "T0"],
    ],
    [["Yes"], ["YES"]],
    [
      ["Ash", "Ashdown", "42 or above"],
      ["ASH", "ASH1", "42O"],
    ],
  ])("of %j are %j", (outcomes, codes) => {
    expect(strikesOf(outcomes).map(({ code }) => code)).toEqual(codes);
  });
});
