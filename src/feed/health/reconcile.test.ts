import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Level, Lots, Micros, Ticks } from "../../contracts/index.ts";
import { DEFAULT_RECONCILE, Reconciler, type StreamedBook } from "./reconcile.ts";

const SECOND = 1_000_000;
const at = (seconds: number): Micros => (seconds * SECOND) as Micros;
const level = (ticks: number, lots: number): Level => ({ ticks: ticks as Ticks, lots: lots as Lots });
const BOOK: StreamedBook = { bids: [level(40, 5), level(39, 9)], asks: [level(42, 7)] };
const OTHER: StreamedBook = { bids: [level(40, 6), level(39, 9)], asks: [level(42, 7)] };

function watching(...books: number[]): Reconciler {
  const reconciler = new Reconciler({ ...DEFAULT_RECONCILE, perSecond: 2, burst: 10 });
  for (const book of books) reconciler.watch(book);
  return reconciler;
}

describe("comparing", () => {
  it("counts equal books, and forgives one difference", () => {
    const reconciler = watching(1);
    expect(reconciler.compare(1, at(0), OTHER, BOOK, 7, 7)).toEqual({ verdict: "suspicious", reason: null });
    expect(reconciler.compare(1, at(3), BOOK, BOOK, 7, 7).verdict).toBe("equal");
    expect(reconciler.compare(1, at(6), OTHER, BOOK, 7, 7).verdict).toBe("suspicious");
    expect(reconciler.counts).toEqual({ checked: 3, equal: 1, raced: 0, suspicious: 2, diverged: 0 });
  });

  it("calls two differences in a row a divergence, then starts afresh", () => {
    const reconciler = watching(1);
    reconciler.compare(1, at(0), OTHER, BOOK, 7, 7);
    expect(reconciler.compare(1, at(3), OTHER, BOOK, 8, 8)).toEqual({
      verdict: "diverged",
      reason: "feed.divergence",
    });
    expect(reconciler.compare(1, at(6), OTHER, BOOK, 8, 8).verdict).toBe("suspicious");
  });

  it("says nothing of a book that changed meanwhile, and keeps its strike", () => {
    const reconciler = watching(1);
    reconciler.compare(1, at(0), OTHER, BOOK, 7, 7);
    expect(reconciler.compare(1, at(3), OTHER, BOOK, 7, 8).verdict).toBe("raced");
    expect(reconciler.compare(1, at(6), OTHER, BOOK, 8, 8).verdict).toBe("diverged");
  });

  it("never diverges while every check races or agrees, and always on two differences in a row", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("equal", "raced", "differs")), (checks) => {
        const reconciler = watching(1);
        let strikes = 0;
        checks.forEach((check, i) => {
          const polled = check === "equal" ? BOOK : OTHER;
          const { verdict } = reconciler.compare(1, at(i * 3), polled, BOOK, 0, check === "raced" ? 1 : 0);
          if (check === "equal") strikes = 0;
          if (check === "differs") strikes++;
          expect(verdict === "diverged").toBe(check === "differs" && strikes === 2);
          if (strikes === 2) strikes = 0;
        });
        const { checked, equal, raced, suspicious, diverged } = reconciler.counts;
        expect(equal + raced + suspicious + diverged).toBe(checked);
      }),
    );
  });

  it.each([
    ["a level more within the depth", { ...BOOK, asks: [...BOOK.asks, level(43, 1)] }, "suspicious"],
    ["another price", { ...BOOK, asks: [level(43, 7)] }, "suspicious"],
    ["an empty side", { ...BOOK, asks: [] }, "suspicious"],
    ["the same", { bids: [...BOOK.bids], asks: [...BOOK.asks] }, "equal"],
  ] as const)("%s is %s", (_, polled, verdict) => {
    expect(watching(1).compare(1, at(0), polled, BOOK, 0, 0).verdict).toBe(verdict);
  });

  it("does not look beyond its depth", () => {
    const deep = Array.from({ length: 9 }, (_, i) => level(40 - i, 1));
    const reconciler = watching(1);
    const cut = { bids: deep.slice(0, 5), asks: [] };
    expect(reconciler.compare(1, at(0), cut, { bids: deep, asks: [] }, 0, 0).verdict).toBe("equal");
  });
});

describe("what is checked next", () => {
  it("goes round all books at its rate", () => {
    const reconciler = new Reconciler({ ...DEFAULT_RECONCILE, perSecond: 2, burst: 2 });
    for (let book = 0; book < 10; book++) reconciler.watch(book);
    const checked: number[] = [];
    for (let second = 0; second < 50; second++) checked.push(...reconciler.next(at(second), 100));
    expect(checked).toHaveLength(100);
    for (let book = 0; book < 10; book++) expect(checked.filter((each) => each === book)).toHaveLength(10);
  });

  it("takes suspicious books first, each no sooner than its pause", () => {
    const reconciler = watching(0, 1, 2, 3);
    reconciler.doubt(3, at(0));
    expect(reconciler.next(at(0), 2)).toEqual([3, 0]);
    reconciler.compare(3, at(0), OTHER, BOOK, 0, 0);
    expect(reconciler.next(at(1), 2)).toEqual([1, 2]);
    expect(reconciler.next(at(2), 1)).toEqual([3]);
  });

  it("never twice in one call, and nothing of what is gone", () => {
    const reconciler = watching(0, 1, 2);
    reconciler.unwatch(1);
    reconciler.unwatch(8);
    reconciler.doubt(1, at(0));
    expect(reconciler.next(at(0), 10).sort()).toEqual([0, 2]);
    expect(reconciler.compare(1, at(1), OTHER, BOOK, 0, 0).verdict).toBe("raced");
    expect(watching().next(at(0), 5)).toEqual([]);
  });
});
