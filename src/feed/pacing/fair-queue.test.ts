import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { FairQueue, type Flow, type Ticket } from "./fair-queue.ts";

const T0 = 1_700_000_000_000_000 as Micros;
const later = (seconds: number) => (T0 + seconds * 1e6) as Micros;
const flow = (id: string, weight: number): Flow => ({ id, weight, perSecond: null, burst: 0 });

function serve<T>(queue: FairQueue<T>, now: Micros = T0): Ticket<T> | null {
  const ticket = queue.next(now);
  if (ticket !== null) queue.take(ticket, now);
  return ticket;
}

describe("shares", () => {
  test("are those of the weights, whatever the costs", () => {
    const weights = [1, 4, 3, 2];
    const queue = new FairQueue<number>(
      weights.map((weight, i) => flow(`${i}`, weight)),
      100_000,
      T0,
    );
    const costs = [7, 1, 10, 3];
    for (const [i, cost] of costs.entries()) {
      for (let n = 0; n < 50_000; n++) queue.push(`${i}`, i, cost);
    }
    const served = [0, 0, 0, 0];
    let total = 0;
    while (total < 100_000) {
      const ticket = serve(queue)!;
      served[ticket.item]! += ticket.cost;
      total += ticket.cost;
    }
    for (const [i, weight] of weights.entries()) expect(served[i]! / total).toBeCloseTo(weight / 10, 3);
  });

  test("lag behind the exact ones by at most a quantum and the largest cost per flow", () => {
    const flows = fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 6 }), cost: fc.integer({ min: 1, max: 20 }) }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(flows, (all) => {
        const queue = new FairQueue<number>(
          all.map(({ weight }, i) => flow(`${i}`, weight)),
          2_000,
          T0,
        );
        for (const [i, { cost }] of all.entries()) {
          for (let n = 0; n < 2_000; n++) queue.push(`${i}`, i, cost);
        }
        const largest = Math.max(...all.map(({ cost }) => cost));
        const served = all.map(() => 0);
        let furthest = 0;
        for (let n = 0; n < 1_000; n++) {
          const ticket = serve(queue)!;
          served[ticket.item]! += ticket.cost;
          const perWeight = served.map((units, i) => units / all[i]!.weight);
          furthest = Math.max(furthest, Math.max(...perWeight) - Math.min(...perWeight));
        }
        expect(furthest).toBeLessThanOrEqual(3 * largest);
      }),
    );
  });
});

test("every ready flow is served within two rounds under a flood of twenty times the rest", () => {
  const round = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(round, fc.array(fc.nat({ max: 7 }), { maxLength: 60 }), (weights, arrivals) => {
      const queue = new FairQueue<number>(
        weights.map((weight, i) => flow(`${i}`, weight)),
        5_000,
        T0,
      );
      const largest = 10;
      // A round is what all flows together may send in one turn each, with what a turn can carry over.
      const twoRounds = 2 * weights.reduce((sum, weight) => sum + weight * largest + largest, 0);
      const waitedFor = weights.map(() => -1);
      let served = 0;
      for (const arrival of arrivals) {
        for (let n = 0; n < 20; n++) queue.push("0", 0, largest);
        const other = 1 + (arrival % (weights.length - 1));
        if (queue.push(`${other}`, other, 1 + (arrival % largest)) !== null && waitedFor[other]! < 0)
          waitedFor[other] = served;
        for (let n = 0; n < 4; n++) {
          const ticket = serve(queue);
          if (ticket === null) break;
          served += ticket.cost;
          if (ticket.item !== 0) waitedFor[ticket.item] = queue.waiting(`${ticket.item}`) > 0 ? served : -1;
          for (const since of waitedFor) {
            if (since >= 0) expect(served - since).toBeLessThanOrEqual(twoRounds);
          }
        }
      }
    }),
  );
});

describe("ceilings", () => {
  test("hold a flow back, and the others take what it leaves", () => {
    const slow: Flow = { id: "slow", weight: 10, perSecond: 2, burst: 3 };
    const queue = new FairQueue<string>([slow, flow("quick", 1)], 1_000, T0);
    for (let n = 0; n < 200; n++) {
      queue.push("slow", "slow", 1);
      queue.push("quick", "quick", 1);
    }
    const counts: Record<string, number> = { slow: 0, quick: 0 };
    for (let n = 0; n < 100; n++) counts[serve(queue)!.item]!++;
    expect(counts).toEqual({ slow: 3, quick: 97 });
    for (let n = 0; n < 50; n++) counts[serve(queue, later(5))!.item]!++;
    expect(counts["slow"]).toBe(6);
  });

  test("name the instant when the flow may go again", () => {
    const queue = new FairQueue<string>([{ id: "slow", weight: 1, perSecond: 2, burst: 1 }], 10, T0);
    expect(queue.readyAt(T0)).toBeNull();
    queue.push("slow", "a", 1);
    queue.push("slow", "b", 1);
    expect(serve(queue)?.item).toBe("a");
    expect(queue.next(T0)).toBeNull();
    expect(queue.readyAt(T0)).toBe(later(0.5));
    expect(serve(queue, later(0.5))?.item).toBe("b");
  });
});

test("whose turn it is stays so until something changes", () => {
  const queue = new FairQueue<string>([flow("a", 1), flow("b", 1)], 10, T0);
  const a = queue.push("a", "a1", 5)!;
  queue.push("b", "b1", 5);
  for (let n = 0; n < 5; n++) expect(queue.next(T0)).toBe(a);
  expect(queue.remove(a)).toBe(true);
  expect(queue.remove(a)).toBe(false);
  expect(queue.next(T0)?.item).toBe("b1");
  expect(queue.size).toBe(1);
});

test("within a flow the order is that of arrival, also after removals", () => {
  const queue = new FairQueue<number>([flow("a", 1)], 10, T0);
  const tickets = [0, 1, 2, 3, 4].map((n) => queue.push("a", n, 1)!);
  for (const n of [0, 2, 4]) queue.remove(tickets[n]!);
  queue.push("a", 5, 1);
  expect([serve(queue)?.item, serve(queue)?.item, serve(queue)?.item, serve(queue)]).toEqual([1, 3, 5, null]);
});

test("a full flow takes no more, and the others do", () => {
  const queue = new FairQueue<number>([flow("a", 1), flow("b", 1)], 2, T0);
  expect(queue.push("a", 1, 1)).not.toBeNull();
  expect(queue.push("a", 2, 1)).not.toBeNull();
  expect(queue.push("a", 3, 1)).toBeNull();
  expect(queue.push("b", 4, 1)).not.toBeNull();
});

test("flows that cannot be are refused", () => {
  expect(() => new FairQueue([flow("a", 0.5)], 1, T0)).toThrow(/weight/);
  expect(() => new FairQueue([flow("a", 1), flow("a", 1)], 1, T0)).toThrow(/two flows/);
  expect(() => new FairQueue([{ id: "a", weight: 1, perSecond: 0, burst: 1 }], 1, T0)).toThrow(/perSecond/);
  expect(() => new FairQueue([flow("a", 1)], 1, T0).push("b", 1, 1)).toThrow(/no flow/);
});
