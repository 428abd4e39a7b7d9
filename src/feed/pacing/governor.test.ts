import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Micros, RateClass, RequestPurpose, Stress } from "../../contracts/index.ts";
import { SeededRng } from "../../sim/rng.ts";
import { Governor } from "./governor.ts";

const T0 = 1_700_000_000_000_000;
const SECOND = 1_000_000;
const at = (seconds: number) => Math.round(T0 + seconds * SECOND) as Micros;

const CLASS: RateClass = {
  id: "books",
  perSecond: 50,
  burst: 40,
  safety: 0.8,
  reserved: 0,
  excess: "refuses",
  maxInFlight: 16,
  source: "test",
};
const NONE: Stress = { kind: "none" };
const REFUSED: Stress = { kind: "rate", retryAfterMicros: null };
const governor = (changes: Partial<RateClass> = {}, startShare = 1) =>
  new Governor({ ...CLASS, ...changes }, new SeededRng("governor"), at(0), { startShare });

/** Sends as fast as it may for some seconds; every request is answered after 50 ms. */
function saturate(subject: Governor, from: number, seconds: number, stress: Stress = NONE): number {
  const end = at(from + seconds);
  const flying: Micros[] = [];
  let now = at(from);
  let sent = 0;
  while (now < end) {
    while (flying.length > 0 && flying[0]! + 50_000 <= now) land(subject, flying.shift()!, stress);
    if (subject.take(now, 1, "poll")) {
      flying.push(now);
      sent++;
    } else {
      const next = subject.nextAt(now, 1, "poll") ?? Number.POSITIVE_INFINITY;
      const landing = flying.length > 0 ? flying[0]! + 50_000 : Number.POSITIVE_INFINITY;
      now = Math.min(Math.max(next, now + 1), Math.max(landing, now + 1), end) as Micros;
    }
  }
  for (const sentAt of flying) land(subject, sentAt, stress);
  return sent;
}

function land(subject: Governor, sentAt: Micros, stress: Stress, micros = 50_000): void {
  const landing = { sentAt, at: (sentAt + micros) as Micros, stress, answered: stress.kind !== "timeout" };
  subject.report(landing);
  subject.landed();
}

describe("whatever the venue answers", () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 500_000 }),
    cost: fc.integer({ min: 1, max: 40 }),
    purpose: fc.constantFrom<RequestPurpose>("cancel", "order", "poll"),
    landings: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant<Stress>(NONE) },
        fc.constant<Stress>({ kind: "timeout" }),
        fc.record({
          kind: fc.constantFrom("rate" as const, "maintenance" as const),
          retryAfterMicros: fc.option(fc.integer({ min: 0, max: 3 * SECOND })),
        }),
      ),
      { maxLength: 3 },
    ),
  });
  const run = (
    steps: readonly { wait: number; cost: number; purpose: RequestPurpose; landings: Stress[] }[],
  ) => {
    const subject = governor({ reserved: 8 });
    const flying: Micros[] = [];
    const left: { at: number; cost: number }[] = [];
    let now = T0;
    let silentUntil = 0;
    for (const { wait, cost, purpose, landings } of steps) {
      now += wait;
      for (const stress of landings) {
        const sentAt = flying.shift();
        if (sentAt === undefined) break;
        subject.report({ sentAt, at: now as Micros, stress, answered: stress.kind !== "timeout" });
        subject.landed();
        if (stress.kind === "rate" || stress.kind === "maintenance")
          silentUntil = Math.max(silentUntil, now + (stress.retryAfterMicros ?? 0));
      }
      const next = subject.nextAt(now as Micros, cost, purpose);
      const taken = subject.take(now as Micros, cost, purpose);
      expect(taken).toBe(next === now);
      if (!taken) continue;
      flying.push(now as Micros);
      left.push({ at: now, cost });
      expect(now).toBeGreaterThanOrEqual(silentUntil);
      expect(subject.inFlight).toBeLessThanOrEqual(16);
    }
    return left;
  };

  test("what leaves stays below the ceiling in every window, and nothing leaves inside Retry-After", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const left = run(steps);
        for (let from = 0; from < left.length; from++) {
          let sum = 0;
          for (let to = from; to < left.length; to++) {
            sum += left[to]!.cost;
            const seconds = (left[to]!.at - left[from]!.at) / SECOND;
            expect(sum).toBeLessThanOrEqual(40 + 40 * seconds + 1e-3);
          }
        }
      }),
    );
  });
});

test("the instant it names is the one at which it lets go", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }), (costs) => {
      const subject = governor({}, 0.3);
      let now = at(0);
      for (const cost of costs) {
        now = subject.nextAt(now, cost, "poll")!;
        // The rate may have grown by the time it comes: then it goes too.
        expect(subject.take(now, cost, "poll")).toBe(true);
        land(subject, now, NONE, 1_000);
      }
    }),
  );
});

describe("cancels", () => {
  test("leave from their reserve whatever was learned and whoever floods", () => {
    const subject = governor({ reserved: 10, perSecond: 50 });
    for (let n = 0; n < 40; n++) {
      const now = at(n * 2);
      if (subject.take(now, 1, "poll")) land(subject, now, REFUSED);
    }
    expect(subject.perSecond).toBeLessThan(5);
    let cancels = 0;
    for (let tick = 0; tick < 1_000; tick++) {
      const now = at(100 + tick / 100);
      while (subject.take(now, 1, "poll")) land(subject, now, NONE, 1_000);
      if (tick % 10 === 0) {
        expect(subject.take(now, 1, "cancel")).toBe(true);
        land(subject, now, NONE, 1_000);
        cancels++;
      }
    }
    expect(cancels).toBe(100);
  });

  test("have places in flight that polls cannot take", () => {
    const subject = governor({ reserved: 5, maxInFlight: 8, burst: 100 });
    let polls = 0;
    while (subject.take(at(0), 1, "poll")) polls++;
    expect(polls).toBe(6);
    expect(subject.nextAt(at(0), 1, "poll")).toBeNull();
    expect(subject.take(at(0), 1, "cancel")).toBe(true);
    expect(subject.take(at(0), 1, "cancel")).toBe(true);
    expect(subject.nextAt(at(0), 1, "cancel")).toBeNull();
  });

  test("wait for a time that the venue stated, and not for one that we chose", () => {
    const subject = governor({ reserved: 5 });
    subject.take(at(0), 1, "poll");
    land(subject, at(0), REFUSED);
    expect(subject.take(at(0.051), 1, "cancel")).toBe(true);
    land(subject, at(0.051), { kind: "rate", retryAfterMicros: 2 * SECOND });
    expect(subject.take(at(2.1), 1, "cancel")).toBe(false);
    expect(subject.nextAt(at(1), 1, "cancel")).toBe(at(2.101));
    expect(subject.take(at(2.101), 1, "cancel")).toBe(true);
  });
});

describe("refusals", () => {
  test("of one epoch cut once; the longest Retry-After holds", () => {
    const subject = governor();
    const before = subject.perSecond;
    for (let n = 0; n < 5; n++) subject.take(at(0), 1, "poll");
    for (const seconds of [1, 3, 2])
      land(subject, at(0), { kind: "rate", retryAfterMicros: seconds * SECOND });
    expect(subject.cuts).toBe(1);
    expect(subject.perSecond).toBeCloseTo(0.85 * before, 9);
    expect(subject.pausedUntil).toBe(at(3.05));
    expect(subject.take(at(3.049), 1, "poll")).toBe(false);
  });

  test("without a stated time are followed by growing waits with jitter, of 8 s at most", () => {
    const subject = governor({ reserved: 1 });
    let now = at(0);
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      expect(subject.take(now, 1, "poll")).toBe(true);
      land(subject, now, REFUSED, 10_000);
      const next = subject.nextAt((now + 10_000) as Micros, 1, "poll")!;
      waits.push(next - now - 10_000);
      now = next;
    }
    expect(Math.max(...waits.slice(0, 2))).toBeLessThan(1 * SECOND);
    expect(Math.max(...waits)).toBeGreaterThan(2 * SECOND);
    expect(Math.max(...waits)).toBeLessThan(8.8 * SECOND);
  });

  test("maintenance pauses and does not cut", () => {
    const subject = governor();
    subject.take(at(0), 1, "poll");
    land(subject, at(0), { kind: "maintenance", retryAfterMicros: 5 * SECOND });
    expect(subject.cuts).toBe(0);
    expect(subject.take(at(5), 1, "poll")).toBe(false);
    expect(subject.take(at(5.1), 1, "poll")).toBe(true);
  });
});

describe("time-outs", () => {
  test("alone do not cut", () => {
    const subject = governor();
    saturate(subject, 0, 10);
    subject.take(at(11), 1, "poll");
    land(subject, at(11), { kind: "timeout" }, SECOND);
    expect(subject.cuts).toBe(0);
  });

  test("cut when the latency of answers rises too", () => {
    const subject = governor();
    saturate(subject, 0, 10);
    for (let n = 0; n < 40; n++) {
      subject.take(at(11 + n / 10), 1, "poll");
      land(subject, at(11 + n / 10), NONE, 90_000);
    }
    subject.take(at(15), 1, "poll");
    land(subject, at(15), { kind: "timeout" }, SECOND);
    expect(subject.cuts).toBe(1);
  });
});

test("a venue that delays instead of refusing is found out by its latency", () => {
  const subject = governor({ excess: "delays", maxInFlight: 400, perSecond: 25, burst: 25 }, 0.2);
  // The venue serves 8 a second and lets everything else wait.
  const flying: { sentAt: Micros; doneAt: number }[] = [];
  let busyUntil = T0;
  let worst = 0;
  let served = 0;
  for (let now = T0; now < T0 + 300 * SECOND; now += 10_000) {
    while (flying.length > 0 && flying[0]!.doneAt <= now) {
      const { sentAt, doneAt } = flying.shift()!;
      subject.report({ sentAt, at: doneAt as Micros, stress: NONE, answered: true });
      subject.landed();
      if (now > T0 + 60 * SECOND) {
        served++;
        worst = Math.max(worst, doneAt - sentAt);
      }
    }
    while (subject.take(now as Micros, 1, "poll")) {
      busyUntil = Math.max(busyUntil, now + 80_000) + SECOND / 8;
      flying.push({ sentAt: now as Micros, doneAt: busyUntil + 80_000 });
    }
  }
  expect(subject.cuts).toBeGreaterThan(2);
  expect(served / 240 / 8).toBeGreaterThan(0.85);
  expect(worst).toBeLessThan(6 * SECOND);
});

test("a saturated class reaches its ceiling and stays there", () => {
  const subject = governor({}, 0.1);
  saturate(subject, 0, 60);
  expect(subject.perSecond).toBeCloseTo(40, 9);
  expect(saturate(subject, 61, 10)).toBeGreaterThan(390);
});

test("what can never pass is known, and classes that cannot be are refused", () => {
  const subject = governor();
  expect(subject.possible(40)).toBe(true);
  expect(subject.possible(41)).toBe(false);
  expect(subject.possible(0)).toBe(false);
  expect(() => governor({ perSecond: 0 })).toThrow(/books/);
  expect(() => governor({ safety: 1.1 })).toThrow(/safety/);
  expect(() => governor({ reserved: 40 })).toThrow(/reserved/);
  expect(() => governor({ maxInFlight: 0 })).toThrow(/maxInFlight/);
});
