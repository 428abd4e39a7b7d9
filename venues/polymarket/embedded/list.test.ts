import { beforeEach, describe, expect, it } from "vitest";
import type { EmbeddedEvent, Family, Listing, Micros } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { Announcer } from "../announce.ts";
import { parseGammaEvent, parseGammaMarket } from "../gamma.ts";
import { SCALES } from "../scales.ts";
import { list, START, VENUE, World } from "./testing/world.ts";

let clock: StepClock;
let exchange: MatchingExchange;
let world: World;

beforeEach(() => {
  clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  world = new World(exchange, clock, new SeededRng("list"));
});

const OUTCOMES = ["41 or below", "42 to 43", "44 or above"];

function served(event: EmbeddedEvent): {
  readonly listings: readonly (Listing | null)[];
  readonly family: Family | null;
} {
  const answer = world.gamma(`/events/${event.id}`);
  const parsed = parseGammaEvent(answer.json, VENUE, clock.now());
  if (parsed === null) throw new Error(`not a Gamma event: ${answer.text}`);
  const env = memoryEnv(VENUE, SCALES);
  new Announcer(env, (fact, at) => env.sink.object(fact, at)).event(parsed, clock.now());
  const families = env.sink.objects.flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));
  return { listings: parsed.markets.map((market) => market.listing), family: families[0] ?? null };
}

describe("a question as it is listed", () => {
  it.each([0, 1, 2, 3, 4, 5, 9])(
    "is what the venue's own reading of the catalogue gives: variety %i",
    (variety) => {
      const events = [
        list({ variety, slot: 1 }),
        list({ variety, slot: 2, kind: "bucket", outcomes: OUTCOMES, title: "How warm in Marrow?" }),
        list({ variety, slot: 3, kind: "open_bucket", outcomes: ["Ashdown", "Corvin"], title: "Cup winner" }),
      ];
      for (const event of events) exchange.list(event);
      for (const event of events) {
        const own = event.markets.map((market) => market.listing);
        expect(served(event).listings.filter((listing) => listing !== null)).toEqual(own);
      }
    },
  );

  it("has a family with the labels its kind promises", () => {
    const closed = list({ slot: 2, kind: "bucket", outcomes: OUTCOMES });
    const open = list({ slot: 3, kind: "open_bucket", outcomes: ["Ashdown", "Corvin"] });
    const single = list({ slot: 4 });
    for (const event of [closed, open, single]) exchange.list(event);
    expect(served(single).family).toBeNull();
    expect(served(closed).family).toMatchObject({
      exclusive: { label: "yes" },
      exhaustive: { label: "yes" },
      unquoted: [],
      transforms: [{ type: "neg_risk_convert", feeBips: 0 }],
    });
    const family = served(open).family;
    expect(family).toMatchObject({
      exclusive: { label: "yes" },
      exhaustive: { label: "unknown" },
      unquoted: ["Other"],
    });
    expect(family?.members).toHaveLength(2);
  });

  it("has ids in the venue's forms, of its own for every place and generation", () => {
    const events = [list(), list({ slot: 2 }), list({ generation: 1 }), list({ topic: "snow" })];
    const bucket = list({ slot: 9, kind: "bucket", outcomes: OUTCOMES });
    const markets = [...events, bucket].flatMap((event) => event.markets);
    for (const market of markets) {
      expect(market.id).toMatch(/^0x[0-9a-f]{64}$/);
      expect(BigInt(market.symbol) >> 256n).toBe(0n);
    }
    const symbols = markets.flatMap(({ symbol, mirrorSymbol }) => [symbol, mirrorSymbol]);
    expect(new Set(symbols).size).toBe(symbols.length);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(list()).toEqual(list());
  });

  it("numbers the questions of an event in the low byte of its negative-risk market", () => {
    const event = list({ kind: "bucket", outcomes: OUTCOMES });
    exchange.list(event);
    const parsed = parseGammaEvent(world.gamma(`/events/${event.id}`).json, VENUE, START);
    expect(parsed?.markets.map(({ questionIndex }) => questionIndex)).toEqual([0, 1, 2]);
    expect(parsed?.negRiskMarketId).toMatch(/00$/);
  });

  it("lists ten thousand markets and reads them back page by page", () => {
    for (let slot = 0; slot < 2_500; slot++)
      exchange.list(list({ slot, kind: "bucket", outcomes: ["a", "b", "c", "d"], title: `Q ${slot}` }));
    let markets = 0;
    let cursor = "";
    do {
      const page = world.gamma(`/events/keyset?limit=100${cursor === "" ? "" : `&after_cursor=${cursor}`}`)
        .json as {
        events: { markets: unknown[] }[];
        next_cursor?: string;
      };
      for (const event of page.events) markets += event.markets.length;
      cursor = page.next_cursor ?? "";
    } while (cursor !== "");
    expect(markets).toBe(10_000);
  });
});

describe("the catalogue follows a market's life", () => {
  const read = (id: string) => {
    clock.advanceTo((clock.now() + 301_000_000) as Micros);
    return parseGammaMarket(world.gamma(`/markets/${id}`).json, VENUE, clock.now());
  };
  const numberOf = (event: EmbeddedEvent): string => {
    const document = world.gamma(`/events/${event.id}`).json as { markets: { id: string }[] };
    return document.markets[0]!.id;
  };

  it("paused, reopened, proposed, resolved", () => {
    const event = list();
    const [book] = exchange.list(event);
    const id = numberOf(event);
    exchange.setStatus(book!, "paused");
    expect(read(id)?.listing?.status).toBe("paused");
    exchange.setStatus(book!, "open");
    expect(read(id)?.listing?.status).toBe("open");
    exchange.setStatus(book!, "closed");
    expect(read(id)).toMatchObject({ yesPayout: null, listing: { status: "paused" } });
    exchange.resolve(book!, "1");
    const closedAt = clock.now();
    const resolved = read(id);
    expect(resolved).toMatchObject({ yesPayout: "1", listing: { status: "resolved" } });
    expect(resolved?.listing?.closesAt).toBeLessThanOrEqual(closedAt);
  });

  it.each([
    ["0", "0"],
    ["0.5", "0.5"],
  ] as const)("resolved at %s", (payout, expected) => {
    const event = list();
    const [book] = exchange.list(event);
    const id = numberOf(event);
    exchange.resolve(book!, payout);
    expect(read(id)?.yesPayout).toBe(expected);
  });

  it("states a changed tick", () => {
    const event = list();
    const [book] = exchange.list(event);
    exchange.setStep(book!, 10);
    expect(read(numberOf(event))?.listing?.tickRanges[0]?.stepTicks).toBe(10);
  });
});
