import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { type CoverageAction, type CoverageReading, CoverageWatch, DEFAULT_COVERAGE } from "./coverage.ts";

const SECOND = 1_000_000;
const FULL: CoverageReading = {
  books: { wanted: 100, usable: 100 },
  families: { wanted: 20, usable: 20 },
  counters: { cross_pairs_covered: { wanted: 10, usable: 10 } },
  invalid: [],
  stale: [],
  unsubscribed: [],
};

/** A venue whose coverage answers to repairs. */
class Venue {
  readonly watch = new CoverageWatch(DEFAULT_COVERAGE);
  readonly actions: (CoverageAction & { readonly second: number })[] = [];
  now = 0;

  run(seconds: number, reading: () => CoverageReading, repair?: (action: CoverageAction) => void): this {
    for (let i = 0; i < seconds; i++) {
      this.now++;
      for (const action of this.watch.observe(reading(), (this.now * SECOND) as Micros)) {
        this.actions.push({ ...action, second: this.now });
        repair?.(action);
      }
    }
    return this;
  }

  of(kind: CoverageAction["kind"]): number[] {
    return this.actions.filter((action) => action.kind === kind).map(({ second }) => second);
  }
}

describe("coverage", () => {
  it("says nothing while all is there, or nothing is wanted", () => {
    const none: CoverageReading = { ...FULL, books: { wanted: 0, usable: 0 } };
    expect(new Venue().run(100, () => FULL).run(100, () => none).actions).toEqual([]);
  });

  it("planted loss of books is named, repaired where it lies, and recovers", () => {
    const venue = new Venue().run(10, () => FULL);
    const invalid = new Set([3, 5, 8, 13, 21, 34, 55, 60, 61, 62, 63, 64]);
    const reading = (): CoverageReading => ({
      ...FULL,
      books: { wanted: 100, usable: 100 - invalid.size },
      invalid: [...invalid],
    });
    venue.run(60, reading, (action) => {
      if (action.kind === "resync") for (const book of action.books) invalid.delete(book);
    });
    expect(venue.actions.map(({ kind }) => kind)).toEqual(["fired", "resync", "recovered"]);
    expect(venue.actions[0]).toMatchObject({
      what: "books",
      wanted: 100,
      usable: 88,
      reason: "feed.coverage",
    });
    expect(venue.watch.low).toEqual([]);
  });

  it("a counter that falls with all books usable has the catalogue read anew", () => {
    let usable = 2;
    const reading = (): CoverageReading => ({
      ...FULL,
      counters: { cross_pairs_covered: { wanted: 10, usable } },
    });
    const venue = new Venue().run(60, reading, (action) => {
      if (action.kind === "rediscover") usable = 10;
    });
    expect(venue.actions.map(({ kind }) => kind)).toEqual(["fired", "rediscover", "recovered"]);
    expect(venue.actions[0]).toMatchObject({ what: "cross_pairs_covered" });
  });

  it("each cause has its repair, and the catalogue follows when they do not help, all with back-off", () => {
    const reading = (): CoverageReading => ({
      ...FULL,
      books: { wanted: 100, usable: 40 },
      invalid: [1],
      stale: [2],
      unsubscribed: [3],
    });
    const venue = new Venue().run(400, reading);
    expect(venue.of("resubscribe")).toEqual([6, 16, 36, 76, 156, 316]);
    expect(venue.of("resync")).toEqual(venue.of("resubscribe"));
    expect(venue.of("poll")).toEqual(venue.of("resubscribe"));
    expect(venue.of("rediscover")[0]).toBe(36);
    expect(venue.of("rediscover").length).toBeLessThan(7);
    expect(venue.of("fired")).toHaveLength(1);
  });

  it("names another part of very many books each time", () => {
    const stale = Array.from({ length: 1_200 }, (_, book) => book);
    const venue = new Venue().run(40, () => ({ ...FULL, books: { wanted: 1_200, usable: 0 }, stale }));
    const named = venue.actions.flatMap((action) => (action.kind === "poll" ? [action.books] : []));
    expect(named.map((books) => books.length)).toEqual([500, 500, 200]);
    expect(new Set(named.flat()).size).toBe(1_200);
  });

  it("is loud, again and again, while nothing at all is ready", () => {
    const venue = new Venue().run(1_000, () => ({ ...FULL, families: { wanted: 20, usable: 0 } }));
    expect(venue.of("loud")).toEqual([61, 181, 421, 901]);
    expect(venue.actions.find(({ kind }) => kind === "loud")).toMatchObject({
      what: "families",
      usable: 0,
      sinceMicros: 60 * SECOND,
    });
    venue.run(30, () => FULL);
    expect(venue.of("recovered")).toHaveLength(1);
    expect(venue.run(100, () => FULL).of("loud")).toHaveLength(4);
  });

  it("does not flap around its threshold", () => {
    let second = 0;
    const venue = new Venue().run(200, () => {
      const usable = second++ % 4 < 2 ? 89 : 93;
      return { ...FULL, books: { wanted: 100, usable }, stale: [1] };
    });
    expect(venue.actions).toEqual([]);
  });
});
