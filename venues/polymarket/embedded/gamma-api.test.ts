import { beforeEach, describe, expect, it } from "vitest";
import type { Micros } from "../../../src/contracts/index.ts";
import { BID } from "../../../src/contracts/index.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { type Answer, list, START, VENUE, World } from "./testing/world.ts";

const EVENTS = 45;
let clock: StepClock;
let exchange: MatchingExchange;
let world: World;

beforeEach(() => {
  clock = new StepClock(START);
  exchange = new MatchingExchange(VENUE, clock);
  world = new World(exchange, clock, new SeededRng("gamma"));
  for (let slot = 0; slot < EVENTS; slot++)
    exchange.list(list({ slot, title: `Question ${slot}?`, volume: (slot * 7) % 40, variety: slot }));
});

interface Row {
  readonly id: string;
  readonly slug: string;
  readonly volume24hr: number;
}
const rows = (answer: Answer, key: "events" | "markets"): Row[] =>
  (answer.json as Record<string, unknown>)[key] as Row[];
const cursorOf = (answer: Answer): string | undefined =>
  (answer.json as { next_cursor?: string }).next_cursor;

function walk(path: string, key: "events" | "markets"): Row[][] {
  const pages: Row[][] = [];
  let cursor: string | undefined;
  do {
    const answer = world.gamma(cursor === undefined ? path : `${path}&after_cursor=${cursor}`);
    expect(answer.status).toBe(200);
    pages.push(rows(answer, key));
    cursor = cursorOf(answer);
  } while (cursor !== undefined);
  return pages;
}

describe("keyset listings", () => {
  it.each(["events", "markets"] as const)("%s: every row once, no cursor on the last page", (key) => {
    const pages = walk(`/${key}/keyset?limit=7`, key);
    const ids = pages.flat().map(({ id }) => id);
    expect(ids).toHaveLength(EVENTS);
    expect(new Set(ids).size).toBe(EVENTS);
    expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 7, 7, 7, 3]);
    expect(walk(`/${key}/keyset?limit=${EVENTS}`, key)).toHaveLength(1);
  });

  it("20 rows when no limit is asked for, 100 at most", () => {
    for (let slot = EVENTS; slot < 130; slot++) exchange.list(list({ slot }));
    expect(rows(world.gamma("/events/keyset"), "events")).toHaveLength(20);
    expect(rows(world.gamma("/markets/keyset?limit=500"), "markets")).toHaveLength(100);
  });

  it.each(["true", "false"])("in the asked order, ascending %s, ties and all", (ascending) => {
    const found = walk(`/events/keyset?limit=4&order=volume24hr&ascending=${ascending}`, "events").flat();
    const volumes = found.map(({ volume24hr }) => volume24hr);
    const sorted = volumes.toSorted((a, b) => (ascending === "true" ? a - b : b - a));
    expect(volumes).toEqual(sorted);
    expect(new Set(found.map(({ id }) => id)).size).toBe(EVENTS);
  });

  it.each([
    "/events/keyset?offset=0",
    "/events/keyset?order=volume_24hr",
    "/markets/keyset?limit=none",
    "/markets/keyset?after_cursor=%7Bx",
    `/markets/keyset?${Array.from({ length: 101 }, (_, i) => `condition_ids=${i}`).join("&")}`,
  ])("refuses with 422: %s", (path) => {
    expect(world.gamma(path)).toMatchObject({ status: 422, json: { error: expect.any(String) } });
  });

  it("filters by id, slug, token and condition", () => {
    const [market] = exchange.events()[3]!.markets;
    const [row] = rows(world.gamma(`/markets/keyset?condition_ids=${market!.id}`), "markets");
    expect(rows(world.gamma(`/markets/keyset?clob_token_ids=${market!.mirrorSymbol}`), "markets")).toEqual([
      row,
    ]);
    expect(rows(world.gamma(`/markets/keyset?id=${row!.id}&id=1`), "markets")).toEqual([row]);
    expect(rows(world.gamma(`/markets/keyset?slug=${row!.slug}`), "markets")).toEqual([row]);
    expect(rows(world.gamma("/events/keyset?tag_slug=crypto&limit=100"), "events")).toHaveLength(EVENTS / 5);
  });

  it("lets resolved rows vanish unless they are asked for; their own path still answers", () => {
    const event = exchange.events()[0]!;
    exchange.resolve(exchange.book(event.markets[0]!.symbol)!, "1");
    expect(walk("/events/keyset?limit=50", "events").flat()).toHaveLength(EVENTS - 1);
    expect(walk("/events/keyset?limit=50&closed=true", "events").flat()).toHaveLength(1);
    expect(world.gamma(`/events/${event.id}`).status).toBe(200);
  });

  it("shows an event that is listed later", () => {
    exchange.list(list({ slot: 3, generation: 1 }));
    expect(walk("/events/keyset?limit=50", "events").flat()).toHaveLength(EVENTS + 1);
  });
});

describe("the rest of the catalogue", () => {
  it("old listings answer with a notice, up to an offset of 2000", () => {
    const answer = world.gamma("/events?limit=5&offset=40");
    expect(answer).toMatchObject({ status: 200, headers: { deprecation: "true" } });
    expect(answer.json).toHaveLength(5);
    expect(world.gamma("/markets?offset=2001").status).toBe(422);
    expect(world.gamma("/markets?offset=2000").json).toEqual([]);
  });

  it("single objects by id and slug, 404 for none", () => {
    const [event] = rows(world.gamma("/events/keyset?limit=1"), "events");
    expect(world.gamma(`/events/slug/${event!.slug}`).json).toEqual(world.gamma(`/events/${event!.id}`).json);
    const [market] = rows(world.gamma("/markets/keyset?limit=1"), "markets");
    expect(world.gamma(`/markets/slug/${market!.slug}`).json).toEqual(
      world.gamma(`/markets/${market!.id}`).json,
    );
    for (const path of [
      "/events/1",
      "/markets/slug/none-1",
      "/nothing",
      "/events/keyset/more",
      "/events/1/2/3",
    ])
      expect(world.gamma(path).status).toBe(404);
  });

  it("is served from the edge for five minutes: prices there are stale", () => {
    const book = exchange.book(exchange.events()[0]!.markets[0]!.symbol)!;
    const best = (): number =>
      (world.gamma("/markets/keyset?limit=1").json as { markets: [{ bestBid: number }] }).markets[0].bestBid;
    expect(best()).toBe(0);
    exchange.quote(book, BID, 4_000, 5_000_000);
    clock.advanceTo((START + 299_000_000) as Micros);
    expect(best()).toBe(0);
    expect(world.gamma("/markets/keyset?limit=1").headers).toMatchObject({
      "cache-control": "public, max-age=300",
      "cf-cache-status": "HIT",
      age: "299",
    });
    clock.advanceTo((START + 300_000_000) as Micros);
    expect(best()).toBe(0.4);
  });

  it("refuses the default agent of a script, and states the venue's time", () => {
    const answer = world.call("gamma", "GET", "/events", "", { "user-agent": "Python-urllib/3.12" });
    expect(answer.status).toBe(403);
    expect(Date.parse(answer.headers["date"]!)).toBe(START / 1000);
  });

  it("answers where it is served from", () => {
    expect(world.call("geo", "GET", "/api/geoblock").json).toMatchObject({ blocked: false });
    expect(world.call("geo", "GET", "/").status).toBe(404);
    expect(world.call("nowhere", "GET", "/").status).toBe(404);
  });
});
