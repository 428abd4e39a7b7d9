import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type EmbeddedEvent,
  type ExchangeChange,
  type Micros,
  type VenueId,
} from "../../contracts/index.ts";
import type { Plant } from "./plant.ts";
import { type Living, legCost, listingOf, living, picos } from "./testing/living.ts";
import { SECOND } from "./testing/scene.ts";

/** How many markets the search for unlabelled arbitrage plays; more on demand. */
const SEEDS = Number(process.env["EMP_WORLD_SEEDS"] ?? 2);
const BUSY = {
  plantEveryMicros: 4 * SECOND,
  crossEveryMicros: 6 * SECOND,
  decoyEveryMicros: 6 * SECOND,
  eventLifeMicros: 180 * SECOND,
};

function digest(seed: string, seconds: number): string {
  const all = living(seed, { ...BUSY, faultEveryMicros: 3 * SECOND });
  const hash = createHash("sha256");
  all.listen((venue, change) => hash.update(`${venue}${JSON.stringify(change)}`));
  all.market.start();
  all.pass(seconds);
  hash.update(JSON.stringify(all.market.labels()));
  return hash.digest("hex");
}

/** Parts per million of one contract that a set leaves before fees; null when a side is empty. */
function gross(
  all: Living,
  legs: readonly { venue: VenueId; symbol: string; side: 0 | 1 }[],
  units: number,
): number | null {
  let left = units * 1e6;
  for (const { venue, symbol, side } of legs) {
    const best = all.books.get(venue)!.best(symbol, side);
    if (best === -1) return null;
    const parts = (best * 1e6) / listingOf(all, venue, symbol).priceScale;
    left -= side === ASK ? parts : 1e6 - parts;
  }
  return left;
}

interface Sight {
  readonly event: string;
  readonly at: number;
  readonly what: string;
}

/** Every arbitrage before fees in the events of one topic, as the announced changes show them. */
function arbitrages(
  all: Living,
  venues: readonly (readonly [VenueId, EmbeddedEvent])[],
  at: number,
): Sight[] {
  const seen: Sight[] = [];
  const look = (event: string, what: string, edge: number | null) => {
    if (edge !== null && edge > 0) seen.push({ event, at, what: `${what} ${edge}` });
  };
  for (const [venue, { id, spec, markets }] of venues) {
    const legs = (side: 0 | 1) => markets.map(({ symbol }) => ({ venue, symbol, side }));
    if (markets.length > 1) look(id, "no", gross(all, legs(BID), markets.length - 1));
    if (spec.kind === "bucket") look(id, "yes", gross(all, legs(ASK), 1));
    const [other] = venues.filter(([each]) => each !== venue);
    if (other === undefined) continue;
    markets.forEach(({ symbol }, i) => {
      const twin = { venue: other[0], symbol: other[1].markets[i]!.symbol, side: BID } as const;
      look(id, "cross", gross(all, [{ venue, symbol, side: ASK }, twin], 1));
    });
  }
  return seen;
}

function covers(plant: Plant, { event, at }: Sight): boolean {
  return plant.legs.some((leg) => leg.event === event) && at >= plant.from && at <= plant.until;
}

describe("createEmbeddedMarket", () => {
  it("gives the same changes and labels for the same seed, others for another", () => {
    const first = digest("a", 30);
    expect(digest("a", 30)).toBe(first);
    expect(digest("b", 30)).not.toBe(first);
  });

  it("never shows an arbitrage that it has not labelled, through faults and new generations", () => {
    for (let run = 1; run <= SEEDS; run++) {
      const all = living(`quiet-${run}`, { ...BUSY, faultEveryMicros: 5 * SECOND });
      const topics = new Map<string, (readonly [VenueId, EmbeddedEvent])[]>();
      const ofSymbol = new Map<string, string>();
      const learn = (venue: VenueId, event: EmbeddedEvent) => {
        topics.set(event.spec.topic, [...(topics.get(event.spec.topic) ?? []), [venue, event]]);
        for (const { symbol } of event.markets) ofSymbol.set(symbol, event.spec.topic);
      };
      for (const [venue, exchange] of all.market.exchanges)
        for (const event of exchange.events()) learn(venue, event);
      const seen: Sight[] = [];
      all.listen((venue, change) => {
        if (change.kind === "listed") learn(venue, change.event);
        if (change.kind !== "level") return;
        seen.push(...arbitrages(all, topics.get(ofSymbol.get(change.symbol)!)!, change.at));
      });
      all.market.start();
      all.pass(150);
      const plants = all.market.labels();
      expect(seen.length).toBeGreaterThan(100);
      expect(new Set(seen.map(({ what }) => what.split(" ")[0]))).toEqual(new Set(["no", "yes", "cross"]));
      expect(seen.filter((sight) => !plants.some((plant) => covers(plant, sight)))).toEqual([]);
    }
  });

  it("labels plants with what its books really pay, and traps with what they lack", () => {
    const all = living("edges", BUSY);
    all.market.start();
    const checked = new Map<number, Plant>();
    for (let i = 0; i < 4_000; i++) {
      all.pass(0.05);
      for (const plant of all.market.labels()) {
        if (checked.has(plant.id) || plant.decoy === "not_exhaustive") continue;
        checked.set(plant.id, plant);
        expect(plant.until - plant.from).toBeGreaterThanOrEqual(5 * SECOND);
        const units = plant.style === "no_basket" ? plant.legs.length - 1 : 1;
        const first = plant.legs[0]!;
        let left =
          BigInt(units * plant.lots) *
          (10n ** 12n / BigInt(listingOf(all, first.venue, first.symbol).sizeScale));
        for (const leg of plant.legs) {
          const listing = listingOf(all, leg.venue, leg.symbol);
          const [top] = all.books.get(leg.venue)!.levels(leg.symbol, leg.side);
          expect(top![0]).toBe(leg.ticks);
          expect(top![1]).toBeGreaterThanOrEqual(leg.lots);
          left -= legCost(leg, listing);
        }
        expect(picos(plant.profit)).toBe(left);
        if (plant.decoy === null) expect(left).toBeGreaterThan(0n);
        if (plant.decoy === "fees") expect(left).toBeLessThan(0n);
        const listing = listingOf(all, first.venue, first.symbol);
        if (plant.decoy === "too_small") expect(first.lots).toBeLessThan(listing.minLots);
        if (plant.decoy === "micro_price")
          expect(plant.legs.some((leg) => leg.ticks * 50 < listing.priceScale)).toBe(true);
      }
    }
    const styles = [...checked.values()].map(({ style, decoy }) => `${style} ${decoy ?? "genuine"}`);
    expect([...new Set(styles)].sort()).toEqual([
      "cross genuine",
      "no_basket genuine",
      "yes_basket fees",
      "yes_basket genuine",
      "yes_basket micro_price",
      "yes_basket too_small",
    ]);
  });

  it("pays who takes a plant 200 ms after it came, to the last cent, once all is settled", () => {
    const all = living("taken", { ...BUSY, halfPermille: 200, accounts: [] });
    for (const exchange of all.market.exchanges.values()) exchange.deposit("engine", "1000000");
    all.market.start();
    let due = 2_000_000n * 10n ** 12n;
    const taken = new Set<number>();
    const won = new Set<string>();
    all.listen((venue, change) => {
      if (change.kind === "resolved" && change.yesPayout === "1")
        won.add(whereIs(all, venue, change.symbol).event.id);
    });
    for (let i = 0; i < 2_000; i++) {
      all.pass(0.1);
      for (const plant of all.market.labels()) {
        const isDue = plant.decoy === null && plant.from + 200_000 <= all.clock.now();
        if (!isDue || taken.has(plant.id)) continue;
        taken.add(plant.id);
        due += picos(plant.profit);
        for (const leg of plant.legs) {
          const side = leg.side === ASK ? BID : ASK;
          const { symbol, ticks, lots } = leg;
          const terms = { timeInForce: "fok", postOnly: false, expiresAt: null, clientId: null } as const;
          const answer = all.market.exchanges
            .get(leg.venue)!
            .submit({ account: "engine", symbol, side, ticks, lots, ...terms });
          expect(answer).toMatchObject({ ok: true, order: { status: "filled" } });
        }
      }
    }
    expect(taken.size).toBeGreaterThan(30);
    all.pass(300);
    // Where none of the outcomes came true, NO of every outcome pays one unit more than was guaranteed.
    for (const plant of all.market.labels())
      if (taken.has(plant.id) && plant.style === "no_basket" && !won.has(plant.event))
        due += plant.legs
          .slice(0, 1)
          .reduce(
            (sum, { venue, lots }) => sum + (BigInt(lots) * 10n ** 12n) / (venue === "k" ? 100n : 1_000_000n),
            0n,
          );
    const exchanges = [...all.market.exchanges.values()];
    expect(exchanges.map((exchange) => exchange.positions("engine").size)).toEqual([0, 0]);
    expect(exchanges.reduce((sum, exchange) => sum + picos(exchange.cash("engine")), 0n)).toBe(due);
  });

  it("changes each book of a plant at least twice within 300 ms, so that a median of sizes settles", () => {
    const all = living("settle", { ...BUSY, eventsPerSecond: 1 });
    const counts = new Map<string, number[]>();
    all.listen((_, change) => {
      if (change.kind === "level")
        counts.set(change.symbol, [...(counts.get(change.symbol) ?? []), change.at]);
    });
    all.market.start();
    all.pass(60);
    const seen = all.clock.now() - 300_000;
    const plants = all.market.labels().filter(({ decoy, from }) => decoy === null && from <= seen);
    expect(plants.length).toBeGreaterThan(5);
    for (const { symbols, from } of plants)
      for (const symbol of symbols) {
        const after = (counts.get(symbol) ?? []).filter((at) => at > from && at <= from + 300_000);
        expect(after.length).toBeGreaterThanOrEqual(2);
      }
  });

  it("closes, resolves and replaces events, with one truth at both venues", () => {
    const all = living("lives", {
      eventLifeMicros: 60 * SECOND,
      forgetAfterMicros: 20 * SECOND,
      halfPermille: 100,
    });
    const truths = new Map<string, Set<string>>();
    const events = new Map<string, number>();
    const sums = new Map<string, number>();
    all.listen((venue, change) => {
      if (change.kind !== "resolved") return;
      const { event, market } = whereIs(all, venue, change.symbol);
      const key = `${event.spec.topic}/${market.outcome}`;
      truths.set(key, (truths.get(key) ?? new Set()).add(change.yesPayout));
      events.set(event.id, event.markets.length);
      if (event.spec.kind === "bucket")
        sums.set(event.id, (sums.get(event.id) ?? 0) + Number(change.yesPayout));
    });
    all.market.start();
    const listed = [...all.market.exchanges.values()].map((exchange) => exchange.events().length);
    all.pass(600);
    expect(events.size).toBeGreaterThan(100);
    expect([...truths.values()].every((payouts) => payouts.size === 1)).toBe(true);
    expect(new Set([...truths.values()].flatMap((payouts) => [...payouts]))).toEqual(
      new Set(["0", "1", "0.5"]),
    );
    expect([...sums.values()].every((sum) => sum === 1)).toBe(true);
    [...all.market.exchanges.values()].forEach((exchange, i) => {
      expect(exchange.events().length).toBeLessThan(listed[i]! * 2);
      const open = exchange
        .events()
        .filter(({ markets }) => exchange.market(markets[0]!.symbol)!.status === "open");
      expect(open.length).toBeGreaterThan(listed[i]! * 0.8);
    });
    const topics = [...all.market.exchanges.values()].flatMap((exchange) =>
      exchange.events().map(({ spec }) => spec),
    );
    const titles = new Map(topics.map((spec) => [spec.title, spec.topic]));
    expect(titles.size).toBe(new Set(topics.map((spec) => spec.topic)).size);
  });

  it("has about the asked number of markets, a part of them at both venues", () => {
    for (const marketsPerVenue of [20, 300, 3_000]) {
      const all = living("size", { marketsPerVenue });
      const [one, two] = [...all.market.exchanges.values()].map((exchange) => exchange.events());
      for (const events of [one!, two!]) {
        const count = events.reduce((sum, { markets }) => sum + markets.length, 0);
        expect(count).toBeGreaterThanOrEqual(marketsPerVenue);
        expect(count).toBeLessThan(marketsPerVenue + 12);
      }
      const topics = new Set(one!.map(({ spec }) => spec.topic));
      const shared = two!
        .filter(({ spec }) => topics.has(spec.topic))
        .reduce((sum, { markets }) => sum + markets.length, 0);
      expect(shared).toBeGreaterThan(marketsPerVenue * 0.2);
      expect(shared).toBeLessThan(marketsPerVenue * 0.4 + 10);
    }
  });

  it("moves at about the asked rate, and not at all before the start or after the stop", () => {
    const all = living("rate", {
      eventsPerSecond: 200,
      plantEveryMicros: 0,
      crossEveryMicros: 0,
      decoyEveryMicros: 0,
    });
    let changes = 0;
    all.listen(() => changes++);
    all.pass(10);
    expect([changes, all.clock.pending]).toEqual([0, 0]);
    all.market.start();
    all.pass(30);
    expect(changes / 30).toBeGreaterThan(150);
    expect(changes / 30).toBeLessThan(400);
    all.market.stop();
    const before = changes;
    all.pass(10);
    expect([changes, all.clock.pending]).toEqual([before, 0]);
  });
});

describe("disturb", () => {
  it("marks what stands at the venue now, and what is planted there until the given instant", () => {
    const all = living("disturb", BUSY);
    all.market.start();
    all.pass(30);
    const now = all.clock.now();
    all.market.disturb("k", now, (now + 10 * SECOND) as Micros);
    all.pass(60);
    let marked = 0;
    for (const plant of all.market.labels()) {
      const here = plant.legs.some(({ venue }) => venue === "k");
      const concerned = here && plant.until >= now && plant.from < now + 10 * SECOND;
      // A standing trap is disturbed by nothing that comes after it was listed.
      if (plant.decoy === "not_exhaustive") continue;
      expect([plant.id, plant.disturbed]).toEqual([plant.id, concerned]);
      if (concerned) marked++;
    }
    expect(marked).toBeGreaterThan(2);
  });
});

function whereIs(all: Living, venue: VenueId, symbol: string) {
  const exchange = all.market.exchanges.get(venue)!;
  const { market } = exchange.market(symbol)!;
  return { event: exchange.event(market.event)!, market };
}

describe("faults of the exchanges", () => {
  const calm = {
    plantEveryMicros: 0,
    crossEveryMicros: 0,
    decoyEveryMicros: 0,
    eventLifeMicros: 3_600 * SECOND,
  };
  const kinds = (changes: readonly ExchangeChange[]) => new Set(changes.map(({ kind }) => kind));
  const begun = (seed: string, options = calm) => {
    const all = living(seed, options);
    const { symbol } = all.market.exchanges.get("p")!.events()[3]!.markets[0]!;
    const own: ExchangeChange[] = [];
    all.market.exchanges.get("p")!.listen((change) => {
      if ("symbol" in change && change.symbol === symbol) own.push(change);
    });
    all.market.start();
    const two = () =>
      [BID, ASK].map((side) => all.market.exchanges.get("p")!.levels(symbol, side as 0 | 1).length > 0);
    return { all, symbol, own, two, faults: all.market.faults };
  };

  it("changes the tick and back, with quotes on the new grid", () => {
    const { all, symbol, own, two, faults } = begun("tick");
    const before = all.market.exchanges.get("p")!.market(symbol)!.stepTicks;
    expect(faults.tickChange("p", symbol)).toBe(true);
    expect(all.market.exchanges.get("p")!.market(symbol)!.stepTicks).toBe(before / 10);
    all.pass(60);
    expect(faults.tickChange("p", symbol)).toBe(true);
    for (const { ticks } of all.market.exchanges.get("p")!.levels(symbol, BID))
      expect(ticks % before).toBe(0);
    all.pass(2);
    expect(two()).toEqual([true, true]);
    expect(own.filter(({ kind }) => kind === "tick_size")).toHaveLength(2);
  });

  it("closes and reopens, pauses and resumes, cancels all: makers come back each time", () => {
    const { all, symbol, own, two, faults } = begun("reopen");
    expect(faults.closeAndReopen("p", symbol, 5 * SECOND)).toBe(true);
    expect(faults.massCancel("p", symbol)).toBe(false);
    all.pass(4.9);
    expect(two()).toEqual([false, false]);
    all.pass(2);
    expect(two()).toEqual([true, true]);
    expect(faults.resume("p", symbol)).toBe(false);
    expect(faults.pause("p", symbol)).toBe(true);
    all.pass(5);
    expect(two()).toEqual([false, false]);
    expect(faults.resume("p", symbol)).toBe(true);
    all.pass(2);
    expect(two()).toEqual([true, true]);
    expect(faults.massCancel("p", symbol)).toBe(true);
    expect(two()).toEqual([false, false]);
    all.pass(2);
    expect(two()).toEqual([true, true]);
    expect(kinds(own)).toEqual(new Set(["level", "trade", "status"]));
    expect(faults.pause("p", "other")).toBe(false);
    expect(faults.list().map(({ kind }) => kind)).toEqual([
      "close_and_reopen",
      "pause",
      "resume",
      "mass_cancel",
    ]);
  });

  it("bursts and falls quiet", () => {
    const { all, faults } = begun("burst");
    const counts = new Map<VenueId, number>();
    all.listen((venue) => counts.set(venue, (counts.get(venue) ?? 0) + 1));
    const count = (seconds: number) => {
      counts.clear();
      all.pass(seconds);
      return (counts.get("k") ?? 0) + (counts.get("p") ?? 0);
    };
    const usual = count(10);
    faults.activityBurst(100, SECOND);
    expect(count(1)).toBeGreaterThan(usual * 6);
    expect(count(10)).toBeLessThan(usual * 2);
    faults.quiet("k", 10 * SECOND);
    expect(count(9)).toBeGreaterThan(100);
    expect(counts.get("k") ?? 0).toBeLessThan(5);
  });
});
