import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { capturedShare, exposureSeconds, pollIndex } from "./index-value.ts";
import { type BookPrior, DEFAULT_SCHEDULER, type SchedulerOptions } from "./options.ts";
import { PollScheduler } from "./scheduler.ts";

const SECOND = 1_000_000;
const START = 1_700_000_000 * SECOND;
const NOTHING = { count: 0, value: 0 };

function at(seconds: number): Micros {
  return (START + Math.round(seconds * SECOND)) as Micros;
}

function prior(perSecond: number, value = 1, lifeSeconds = 16): BookPrior {
  return { perSecond, value, lifeMicros: lifeSeconds * SECOND };
}

function make(books: readonly BookPrior[], options: Partial<SchedulerOptions> = {}): PollScheduler {
  const scheduler = new PollScheduler({ ...DEFAULT_SCHEDULER, maxBooks: 1_000, ...options });
  books.forEach((each, book) => {
    scheduler.add(book, each, at(0));
  });
  return scheduler;
}

/** Polls one book every `spacing` seconds, finding nothing; returns how often each came. */
function poll(scheduler: PollScheduler, from: number, to: number, spacing: number): Map<number, number> {
  const polls = new Map<number, number>();
  for (let now = from; now < to; now += spacing) {
    for (const book of scheduler.due(at(now), 1, 0)) {
      polls.set(book, (polls.get(book) ?? 0) + 1);
      scheduler.polled(book, at(now), NOTHING);
    }
  }
  return polls;
}

const gains = fc.double({ min: 1e-9, max: 1e6, noNaN: true });
const decays = fc.double({ min: 1e-5, max: 20, noNaN: true });
const ages = fc.double({ min: 0, max: 1e6, noNaN: true });

describe("the index", () => {
  it("never falls with age, and stays between 0 and gain / decay", () => {
    fc.assert(
      fc.property(gains, decays, ages, ages, (gain, decay, one, other) => {
        const [younger, older] = one < other ? [one, other] : [other, one];
        const low = pollIndex(gain, decay, younger);
        const high = pollIndex(gain, decay, older);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low * (1 - 1e-12));
        expect(high).toBeLessThanOrEqual((gain / decay) * (1 + 1e-12));
      }),
    );
  });

  it("is the derivative of captured value by poll rate", () => {
    fc.assert(
      fc.property(decays, fc.double({ min: 0.05, max: 20, noNaN: true }), (decay, lives) => {
        const age = lives / decay;
        const step = 1e-6;
        const value = (rate: number) => capturedShare(decay, 1 / rate);
        const slope = (value((1 + step) / age) - value((1 - step) / age)) / ((2 * step) / age);
        expect(pollIndex(1, decay, age)).toBeCloseTo(slope, 4 - Math.ceil(Math.log10(1 / decay)));
      }),
    );
  });

  it("is continuous where the series takes over, and defined for a book never seen", () => {
    const decay = 0.1;
    expect(pollIndex(1, decay, 0.0099999) / pollIndex(1, decay, 0.0100001)).toBeCloseTo(1, 4);
    expect(pollIndex(3, decay, Number.POSITIVE_INFINITY)).toBe(30);
    expect(pollIndex(1, decay, 0)).toBe(0);
    expect(exposureSeconds(decay, Number.POSITIVE_INFINITY)).toBe(10);
    expect(capturedShare(decay, Number.POSITIVE_INFINITY)).toBe(0);
    expect(capturedShare(decay, 0)).toBe(1);
  });
});

describe("what is polled", () => {
  it("is the largest index, to the width of a class", () => {
    const terms = fc.array(
      fc.tuple(fc.double({ min: 1e-4, max: 1, noNaN: true }), fc.integer({ min: 2, max: 200 })),
      {
        minLength: 2,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(terms, fc.double({ min: 0.2, max: 5, noNaN: true }), (books, spacing) => {
        const priors = books.map(([rate, life]) => prior(rate, 1, life));
        const scheduler = make(priors, { rateStrength: Number.POSITIVE_INFINITY, maxAgeMicros: 1e15 });
        const seen = priors.map(() => Number.NEGATIVE_INFINITY);
        for (let now = 1; now < 60; now += spacing) {
          const index = (book: number) =>
            pollIndex(priors[book]!.perSecond, SECOND / priors[book]!.lifeMicros, now - seen[book]!);
          const best = Math.max(...priors.map((_, book) => index(book)));
          const [book] = scheduler.due(at(now), 1, 0);
          expect(index(book!)).toBeGreaterThanOrEqual(best * 0.7);
          seen[book!] = now;
        }
      }),
      { numRuns: 50 },
    );
  });

  it("comes best first and never twice in one call", () => {
    const scheduler = make([prior(1), prior(3), prior(2)]);
    expect(scheduler.due(at(1), 2, 0)).toEqual([1, 2]);
    expect(scheduler.due(at(1), 9, 0)).toEqual([0]);
    expect(scheduler.due(at(1), 9, 0)).toEqual([]);
  });

  it("keeps the venue's least distance", () => {
    const scheduler = make([prior(1)]);
    expect(scheduler.due(at(0), 1, 15 * SECOND)).toEqual([0]);
    expect(scheduler.due(at(14.9), 1, 15 * SECOND)).toEqual([]);
    expect(scheduler.due(at(15), 1, 15 * SECOND)).toEqual([0]);
  });

  it("comes again when the answer never came", () => {
    const scheduler = make([prior(1)]);
    expect(scheduler.due(at(0), 1, SECOND)).toEqual([0]);
    expect(scheduler.due(at(2), 1, SECOND)).toEqual([0]);
    expect(scheduler.maxAge(at(2))).toBe(2 * SECOND);
  });

  it("favours what brings more, and what was found moves the favour", () => {
    const scheduler = make([prior(0.1), prior(0.01), prior(0.01)]);
    const before = poll(scheduler, 0, 30, 0.5);
    expect(before.get(0)!).toBeGreaterThan(before.get(1)! * 1.5);
    for (let now = 30; now < 900; now += 0.5) {
      for (const book of scheduler.due(at(now), 1, 0)) {
        scheduler.polled(book, at(now), book === 2 ? { count: 1, value: 5 } : NOTHING);
      }
    }
    const after = poll(scheduler, 900, 930, 0.5);
    expect(after.get(2)!).toBeGreaterThan(after.get(0) ?? 0);
  });

  it("does not run backwards with the clock", () => {
    const scheduler = make([prior(1)]);
    scheduler.due(at(10), 1, 0);
    scheduler.polled(0, at(5), NOTHING);
    expect(scheduler.due(at(4), 1, 0)).toEqual([]);
    expect(scheduler.maxAge(at(3))).toBe(0);
  });
});

describe("the bound on age", () => {
  it("holds for every book while the budget goes round, whatever the index says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 20, max: 120 }),
        fc.double({ min: 1.3, max: 4, noNaN: true }),
        (count, bound, room) => {
          const priors = Array.from({ length: count }, (_, i) => prior(i === 0 ? 1_000 : 1e-9));
          const scheduler = make(priors, { maxAgeMicros: bound * SECOND });
          const spacing = bound / count / room;
          for (let now = 0; now < bound * 6; now += spacing) {
            for (const book of scheduler.due(at(now), 1, 0)) scheduler.polled(book, at(now), NOTHING);
            expect(scheduler.maxAge(at(now)) / SECOND).toBeLessThanOrEqual(bound * 0.95 + 2 * spacing);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes little more of the budget than it must, evenly spread", () => {
    const priors = Array.from({ length: 200 }, (_, i) => prior(i < 10 ? 1 : 1e-6));
    const scheduler = make(priors, { maxAgeMicros: 400 * SECOND, rateStrength: Number.POSITIVE_INFINITY });
    poll(scheduler, 0, 3_000, 0.25);
    const cold: number[] = [];
    for (let from = 3_000; from < 3_800; from += 50) {
      const polls = poll(scheduler, from, from + 50, 0.25);
      cold.push([...polls].reduce((sum, [book, times]) => sum + (book < 10 ? 0 : times), 0));
    }
    const needed = (190 / 400) * 50;
    expect(Math.max(...cold)).toBeLessThan(needed * 2);
    expect(cold.reduce((sum, each) => sum + each)).toBeLessThan(needed * cold.length * 1.4);
  });

  it("counts a book from when it was added", () => {
    const scheduler = make([], {});
    expect(scheduler.maxAge(at(100))).toBe(0);
    scheduler.add(7, prior(1), at(100));
    expect(scheduler.maxAge(at(130))).toBe(30 * SECOND);
  });
});

describe("signals", () => {
  const quiet = Array.from({ length: 20 }, () => prior(0.01));

  function settled(options: Partial<SchedulerOptions> = {}): PollScheduler {
    const scheduler = make(quiet, options);
    poll(scheduler, 0, 100, 0.5);
    return scheduler;
  }

  it("a stream update brings the book next, once", () => {
    const scheduler = settled();
    scheduler.touch(13, "stream_update", at(100));
    expect(scheduler.tier(13)).toBe("hot");
    expect(scheduler.due(at(100.1), 1, 0)).toEqual([13]);
    scheduler.polled(13, at(100.1), NOTHING);
    expect(scheduler.due(at(100.2), 1, 0)).not.toEqual([13]);
  });

  it("a stream update fades with the life of what it may have announced", () => {
    const scheduler = settled();
    scheduler.touch(13, "stream_update", at(100));
    const before = scheduler.tierCounts().hot;
    expect(before).toBeGreaterThanOrEqual(1);
    poll(scheduler, 300, 310, 0.5);
    expect(scheduler.tierCounts().hot).toBeLessThanOrEqual(before);
  });

  it("an open position keeps the book hot until it is released, and then it falls back by itself", () => {
    const scheduler = settled();
    scheduler.touch(4, "open_position", at(100));
    const held = poll(scheduler, 100, 200, 0.5);
    expect(held.get(4)!).toBeGreaterThan(held.get(5)! * 2);
    scheduler.release(4, "open_position");
    poll(scheduler, 200, 220, 0.5);
    const released = poll(scheduler, 220, 320, 0.5);
    expect(released.get(4)!).toBeLessThan(held.get(4)! * 0.6);
  });

  it("mapped relevance raises, an opportunity found raises and fades", () => {
    const scheduler = settled({ recentBoost: 20, recentMicros: 30 * SECOND, rateStrength: 1e6 });
    scheduler.touch(3, "mapped", at(100));
    scheduler.touch(6, "recent_opportunity", at(100));
    const soon = poll(scheduler, 100, 130, 0.5);
    expect(soon.get(3)!).toBeGreaterThan(soon.get(5)!);
    expect(soon.get(6)!).toBeGreaterThan(soon.get(5)! * 1.5);
    poll(scheduler, 130, 300, 0.5);
    const later = poll(scheduler, 300, 400, 0.5);
    expect(Math.abs(later.get(6)! - later.get(5)!)).toBeLessThanOrEqual(2);
  });

  it("an uncovered book counts as such until a look was answered", () => {
    const scheduler = settled();
    const plain = scheduler.worth(9);
    scheduler.touch(9, "uncovered", at(100));
    expect(scheduler.worth(9)).toBeGreaterThan(plain);
    expect(scheduler.due(at(101), 1, 0)).toEqual([9]);
    expect(scheduler.worth(9)).toBeGreaterThan(plain);
    scheduler.polled(9, at(101), NOTHING);
    expect(scheduler.worth(9)).toBeLessThanOrEqual(plain);
  });

  it("beyond the bound on waiting signals none is lost, only later", () => {
    const scheduler = settled({ maxSignals: 1 });
    scheduler.touch(1, "open_position", at(100));
    scheduler.touch(2, "open_position", at(100));
    poll(scheduler, 100, 150, 0.5);
    const polls = poll(scheduler, 150, 250, 0.5);
    expect(polls.get(2)!).toBeGreaterThan(polls.get(5)! * 1.5);
  });

  it("false alarms teach how little a signal says", () => {
    const scheduler = make(quiet, { signalChance: 0.9, rateStrength: 1e6 });
    const answered = [0, 0, 0];
    for (let i = 0; i < 1_000; i++) {
      const now = 100 + 2 * i;
      scheduler.touch(i % 5, "stream_update", at(now));
      const [book] = scheduler.due(at(now + 0.05), 1, 0);
      scheduler.polled(book!, at(now + 0.05), NOTHING);
      if (book === i % 5) answered[i < 50 ? 0 : i >= 950 ? 1 : 2]!++;
    }
    expect(answered[0]).toBeGreaterThan(40);
    expect(answered[1]).toBeLessThan(answered[0]! / 2);
  });
});

describe("tiers", () => {
  it("count every book once and agree with each book's own", () => {
    const moves = fc.array(
      fc.tuple(
        fc.nat(30),
        fc.constantFrom("add", "remove", "poll", "signal", "position", "release"),
        fc.nat(50),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(moves, (steps) => {
        const scheduler = make([]);
        let now = 1;
        for (const [book, move, wait] of steps) {
          now += wait / 10;
          if (move === "add") scheduler.add(book, prior((book + 1) / 100, 1, book + 2), at(now));
          else if (move === "remove") scheduler.remove(book);
          else if (move === "signal") scheduler.touch(book, "stream_update", at(now));
          else if (move === "position") scheduler.touch(book, "open_position", at(now));
          else if (move === "release") scheduler.release(book, "open_position");
          else
            for (const each of scheduler.due(at(now), 2, 0)) {
              scheduler.polled(each, at(now), { count: each % 2, value: each });
            }
          const counts = { hot: 0, warm: 0, cold: 0 };
          let members = 0;
          for (let each = 0; each <= 30; each++) {
            if (!scheduler.has(each)) continue;
            members++;
            counts[scheduler.tier(each)]++;
          }
          expect(scheduler.size).toBe(members);
          expect(scheduler.tierCounts()).toEqual(counts);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("rank as the index ranks", () => {
    const priors = Array.from({ length: 60 }, (_, i) => prior(i < 3 ? 1 : i < 20 ? 0.05 : 1e-6));
    const scheduler = make(priors, { rateStrength: Number.POSITIVE_INFINITY });
    poll(scheduler, 0, 600, 0.5);
    expect(scheduler.tier(0)).toBe("hot");
    expect(scheduler.tier(30)).toBe("cold");
    expect(scheduler.level).toBeGreaterThan(0);
  });
});

describe("membership", () => {
  it("is bounded, and what is unknown changes nothing", () => {
    const scheduler = make([], { maxBooks: 10 });
    expect(scheduler.add(10, prior(1), at(0))).toBe(false);
    expect(scheduler.add(-1, prior(1), at(0))).toBe(false);
    expect(scheduler.add(0.5, prior(1), at(0))).toBe(false);
    expect(scheduler.add(9, prior(1), at(0))).toBe(true);
    scheduler.touch(3, "stream_update", at(1));
    scheduler.polled(3, at(1), NOTHING);
    scheduler.lived(3, 5, true);
    scheduler.remove(3);
    expect(scheduler.size).toBe(1);
    expect(scheduler.worth(3)).toBe(0);
    expect(scheduler.tier(3)).toBe("cold");
  });

  it("survives metadata that is none", () => {
    const scheduler = make([
      { perSecond: Number.NaN, value: Number.POSITIVE_INFINITY, lifeMicros: -1 },
      prior(0.1),
    ]);
    expect(scheduler.due(at(1), 5, 0)).toContain(1);
    expect(Number.isFinite(scheduler.worth(0))).toBe(true);
  });

  it("forgets a removed book wholly", () => {
    const scheduler = make([prior(0.1), prior(0.1)]);
    scheduler.touch(0, "open_position", at(0));
    poll(scheduler, 0, 50, 1);
    scheduler.remove(0);
    scheduler.add(0, prior(0.1), at(50));
    expect(scheduler.worth(0)).toBeCloseTo(0.1);
    expect(scheduler.due(at(50), 1, 0)).toEqual([0]);
  });

  it("learns lives: what lasts long is polled less often", () => {
    const scheduler = make([prior(0.1, 1, 10), prior(0.1, 1, 10)]);
    for (let i = 0; i < 200; i++) {
      scheduler.lived(0, 600 * SECOND, true);
      scheduler.lived(1, 5 * SECOND, true);
    }
    poll(scheduler, 0, 20, 1);
    const polls = poll(scheduler, 20, 120, 5);
    expect(polls.get(1)!).toBeGreaterThan(polls.get(0) ?? 0);
  });
});
