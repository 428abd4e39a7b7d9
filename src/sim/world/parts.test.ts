import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID, type Side } from "../../contracts/index.ts";
import { Agenda } from "./agenda.ts";
import { GRID, Ladder } from "./ladder.ts";
import { mutateBytes } from "./mutation.ts";

describe("Agenda", () => {
  it("runs by instant, equal instants in order of entry", () => {
    void fc.assert(
      fc.property(fc.array(fc.nat(20)), (instants) => {
        const agenda = new Agenda();
        const ran: (readonly [at: number, order: number])[] = [];
        instants.forEach((at, order) => {
          agenda.add(at, () => ran.push([at, order]));
        });
        for (let next = agenda.pop(); next !== undefined; next = agenda.pop()) next.task();
        const wanted = instants
          .map((at, order) => [at, order] as const)
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(ran).toEqual(wanted);
        expect(agenda.size).toBe(0);
      }),
    );
  });
});

describe("Ladder", () => {
  const change = fc.record({
    side: fc.constantFrom<Side>(BID, ASK),
    ticks: fc.integer({ min: 1, max: 40 }).map((cell) => cell * GRID),
    lots: fc.nat(3),
  });

  it("keeps the same levels and best prices as a plain map", () => {
    void fc.assert(
      fc.property(fc.array(change), (changes) => {
        const ladder = new Ladder();
        const maps = [new Map<number, number>(), new Map<number, number>()] as const;
        for (const { side, ticks, lots } of changes) {
          const before = maps[side].get(ticks) ?? 0;
          expect(ladder.set(side, ticks, lots)).toBe(lots - before);
          if (lots === 0) maps[side].delete(ticks);
          else maps[side].set(ticks, lots);
        }
        for (const side of [BID, ASK] as const) {
          const sign = side === BID ? -1 : 1;
          const wanted = [...maps[side]].map(([ticks, lots]) => ({ ticks, lots }));
          wanted.sort((a, b) => sign * (a.ticks - b.ticks));
          expect(ladder.levels(side)).toEqual(wanted);
          expect(ladder.best(side)).toBe(wanted[0]?.ticks ?? -1);
        }
      }),
    );
  });
});

describe("mutateBytes", () => {
  const text = '{"type":"orderbook_delta","sid":1,"seq":7}';
  const bytes = new TextEncoder().encode(text);
  const readable = (damaged: Uint8Array) => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(damaged)) as unknown;
    } catch {
      return null;
    }
  };

  it("never leaves a flipped or cut frame readable as another message", () => {
    void fc.assert(
      fc.property(fc.nat(999), (permille) => {
        expect(readable(mutateBytes(bytes, { type: "flip", atPermille: permille }))).toBeNull();
        expect(readable(mutateBytes(bytes, { type: "truncate", keepPermille: permille }))).toBeNull();
        const inserted = mutateBytes(bytes, { type: "insert", atPermille: permille, bytes: [0xff] });
        expect(readable(inserted)).toBeNull();
      }),
    );
  });

  it("nests and replaces within its bounds, and leaves the given bytes alone", () => {
    expect(mutateBytes(bytes, { type: "nest", depth: 10 ** 9 }).length).toBe(bytes.length + 100_000);
    expect([...mutateBytes(bytes, { type: "replace", bytes: [1, 2] })]).toEqual([1, 2]);
    expect(mutateBytes(new Uint8Array(0), { type: "flip", atPermille: 500 }).length).toBe(0);
    expect(new TextDecoder().decode(bytes)).toBe(text);
  });
});
