import { describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { CapacityRound } from "./capacity-round.ts";
import type { VenueLink } from "./venue-link.ts";

const MIB = 1_048_576;

function room() {
  const allowed: [number, number][] = [];
  const notes: string[] = [];
  const link = {
    allow: (books: number, share: number) => allowed.push([books, share]),
    client: { stats: () => [] },
  } as unknown as VenueLink;
  let cpuMicros = 0;
  let memoryBytes = 100 * MIB;
  const capacity = new CapacityRound({
    loads: () => ({ cpuMicros, memoryBytes }),
    links: [link],
    maxWatched: 1_000,
    maxMemoryBytes: 1_000 * MIB,
    maxLagMicros: 500_000,
    note: (_stage, detail) => notes.push(detail),
  });
  let now = 1_000_000_000;
  /** Lets windows of 5 s pass with a load of one core and so much memory. */
  const windows = (count: number, cpuShare: number, memoryMiB: number): void => {
    for (let i = 0; i < count; i++) {
      now += 5_000_000;
      cpuMicros += cpuShare * 5_000_000;
      memoryBytes = memoryMiB * MIB;
      capacity.round(now as Micros, 0);
    }
  };
  return { allowed, notes, windows };
}

describe("capacity", () => {
  it("sheds books when memory runs short, and takes them back when it is calm again", () => {
    const { allowed, notes, windows } = room();
    windows(5, 0.3, 300);
    expect(allowed).toEqual([]);
    windows(6, 0.3, 1_200);
    expect(allowed.at(-1)![0]).toBeLessThan(1_000);
    expect(notes[0]).toMatch(/^shed books 1000 -> \d+: memory$/);
    windows(200, 0.3, 300);
    expect(allowed.at(-1)).toEqual([1_000, 1]);
    expect(notes.at(-1)).toMatch(/^restored /);
  });

  it("polls less before it watches less when the processor runs short", () => {
    const { allowed, windows } = room();
    windows(12, 1, 300);
    const first = allowed.find(([, share]) => share < 1);
    expect(first?.[0]).toBe(1_000);
  });
});
