import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { DEFAULT_RESYNC, ResyncPlanner } from "./resync.ts";

const SECOND = 1_000_000;
const at = (seconds: number): Micros => Math.round(seconds * SECOND) as Micros;

describe("resync", () => {
  it("fetches at once, in batches, in order of the loss", () => {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    for (const [i, book] of [7, 3, 9].entries()) planner.invalidated(book, at(i / 10));
    expect(planner.tick(at(1), 2).fetch).toEqual([7, 3]);
    expect(planner.tick(at(1), 2).fetch).toEqual([9]);
    expect(planner.tick(at(2), 2).fetch).toEqual([]);
  });

  it("asks again, later each time, while no good frame comes", () => {
    const planner = new ResyncPlanner({ ...DEFAULT_RESYNC, loopFetches: 100 });
    planner.invalidated(1, at(0));
    const asked: number[] = [];
    for (let second = 0; second < 120; second++) {
      if (planner.tick(at(second), 1).fetch.length > 0) asked.push(second);
    }
    expect(asked).toEqual([0, 11, 23, 37, 55, 81]);
  });

  it("backs off after a fetch that failed", () => {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    planner.invalidated(1, at(0));
    planner.tick(at(0), 1);
    planner.failed(1, at(0.5));
    expect(planner.tick(at(1), 1).fetch).toEqual([]);
    expect(planner.tick(at(1.5), 1).fetch).toEqual([1]);
  });

  it("takes a loss while it waits for its fetch for the same loss", () => {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    planner.invalidated(1, at(0));
    planner.tick(at(0), 1);
    planner.invalidated(1, at(0.1));
    expect(planner.tick(at(0.2), 1).fetch).toEqual([]);
  });

  it("forgets a book that proved sound, by frames or by time", () => {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    for (const book of [1, 2]) planner.invalidated(book, at(0));
    planner.tick(at(0), 2);
    planner.good(2, at(1));
    for (let i = 0; i < 100; i++) planner.good(1, at(1 + i));
    expect(planner.size).toBe(1);
    planner.tick(at(300), 0);
    expect(planner.size).toBe(0);
  });

  it("is bounded and says what it could not remember", () => {
    const planner = new ResyncPlanner({ ...DEFAULT_RESYNC, maxBooks: 2 });
    for (let book = 0; book < 5; book++) planner.invalidated(book, at(0));
    expect([planner.size, planner.refused]).toEqual([2, 3]);
    planner.forget(0);
    planner.invalidated(4, at(1));
    expect(planner.tick(at(1), 9).fetch).toEqual([1, 4]);
  });
});

describe("a loop", () => {
  /** The book falls again one second after each snapshot. Returns fetches and rests within the time. */
  function loop(seconds: number, framesBetween: number) {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    planner.invalidated(1, at(0));
    const fetches: number[] = [];
    const rests: number[] = [];
    let fallsAt = -1;
    for (let now = 0; now < seconds; now += 0.5) {
      const plan = planner.tick(at(now), 10);
      for (const { until, reason } of plan.loops) {
        expect(reason).toBe("feed.resync_loop");
        rests.push(Math.round(until / SECOND - now));
      }
      if (plan.fetch.length > 0) {
        fetches.push(now);
        for (let i = 0; i < framesBetween; i++) planner.good(1, at(now + 0.1));
        fallsAt = now + 1;
      }
      if (now === fallsAt) planner.invalidated(1, at(now));
    }
    return { fetches, rests };
  }

  it("is seen after a few fetches with one good frame between, and the book rests longer each time", () => {
    const { fetches, rests } = loop(7_200, 1);
    expect(fetches.length).toBeLessThan(60);
    expect(rests.slice(0, 4)).toEqual([30, 60, 120, 240]);
    expect(rests.at(-1)).toBe(900);
  });

  it("is none when frames come in between", () => {
    const { fetches, rests } = loop(60, 5);
    expect(rests).toEqual([]);
    expect(fetches.length).toBeGreaterThan(20);
  });

  it("ends: a healed book is fetched at once when it falls again much later", () => {
    const planner = new ResyncPlanner(DEFAULT_RESYNC);
    planner.invalidated(1, at(0));
    for (let now = 0; now < 20; now += 0.5) {
      if (planner.tick(at(now), 1).fetch.length > 0) planner.good(1, at(now));
      else planner.invalidated(1, at(now));
    }
    for (let now = 20; now < 60; now++) if (planner.tick(at(now), 1).fetch.length > 0) break;
    for (let i = 0; i < 100; i++) planner.good(1, at(60 + i));
    expect(planner.size).toBe(0);
    planner.invalidated(1, at(200));
    expect(planner.tick(at(200), 1).fetch).toEqual([1]);
  });

  it("never fetches a book twice within its back-off, nor one that is not in trouble", () => {
    const moves = fc.array(fc.tuple(fc.nat(4), fc.constantFrom("lose", "good", "fail", "tick"), fc.nat(3)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(moves, (steps) => {
        const planner = new ResyncPlanner(DEFAULT_RESYNC);
        const lost = new Set<number>();
        const asked = new Map<number, number>();
        let now = 0;
        for (const [book, move, wait] of steps) {
          now += wait / 4;
          if (move === "lose") {
            planner.invalidated(book, at(now));
            lost.add(book);
          } else if (move === "good") {
            planner.good(book, at(now));
            asked.delete(book);
          } else if (move === "fail") planner.failed(book, at(now));
          else
            for (const each of planner.tick(at(now), 3).fetch) {
              expect(lost.has(each)).toBe(true);
              expect(now - (asked.get(each) ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(1);
              asked.set(each, now);
            }
        }
      }),
    );
  });
});
