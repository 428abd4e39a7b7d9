import { describe, expect, it } from "vitest";
import type { BookId, Family, Instrument, MarketView } from "../contracts/index.ts";
import { instrument, pico } from "./execution/fixture.ts";
import { FamilyIndex } from "./family-index.ts";

const evidence = (label: "yes" | "unknown") => ({ label, source: "test", hash: "h", expiresAt: null });

function family(id: string, members: readonly number[], changes: Partial<Family> = {}): Family {
  return {
    id,
    kind: "event",
    venue: "v",
    title: `title of ${id}`,
    members: members as readonly BookId[],
    unquoted: [],
    exclusive: evidence("yes"),
    exhaustive: evidence("yes"),
    atMost: null,
    transforms: [],
    ...changes,
  };
}

/** A view that only knows its listings. */
class Listings {
  readonly families: Family[] = [];
  readonly instruments: Instrument[] = [];
  reads = 0;

  index(): FamilyIndex {
    const view: Pick<MarketView, "instrument" | "familyCount" | "family"> = {
      instrument: (book) => this.instruments[book],
      familyCount: () => this.families.length,
      family: (index) => {
        this.reads++;
        return this.families[index]!;
      },
    };
    return new FamilyIndex(view as MarketView);
  }
}

function listings(): Listings {
  const all = new Listings();
  all.instruments.push(instrument(0), instrument(1), instrument(2));
  all.families.push(family("e", [0, 1, 2]));
  return all;
}

const hundred = pico(100);
const holding = (market: string, yes: bigint, no = 0n) => ({ market, yes, no });

describe("FamilyIndex", () => {
  it("names families, and falls back to the key of an unknown one", () => {
    const index = listings().index();
    expect(index.titleOf("e")).toBe("title of e");
    expect(index.titleOf("gone")).toBe("gone");
  });

  it("reads the listings once, and again only after they changed", () => {
    const all = listings();
    const index = all.index();
    index.titleOf("e");
    index.titleOf("e");
    expect(all.reads).toBe(1);
    all.families.push(family("late", [0]));
    expect(index.byKey("late")).toBeUndefined();
    index.touch();
    expect(index.byKey("late")?.id).toBe("late");
  });

  it("values a complete YES basket at one, a part of it at nothing", () => {
    const index = listings().index();
    const all = [0, 1, 2].map((book) => holding(`v:m${book}`, hundred));
    expect(index.worst(all)).toBe(hundred);
    expect(index.worst(all.slice(0, 2))).toBe(0n);
  });

  it("values NO claims of an exclusive event at all but one", () => {
    const index = listings().index();
    const all = [0, 1, 2].map((book) => holding(`v:m${book}`, 0n, hundred));
    expect(index.worst(all)).toBe(2n * hundred);
  });

  it("relies on no label that is unknown", () => {
    const all = listings();
    all.families[0] = family("e", [0, 1, 2], {
      exclusive: evidence("unknown"),
      exhaustive: evidence("unknown"),
    });
    const index = all.index();
    expect(index.worst([0, 1, 2].map((book) => holding(`v:m${book}`, hundred)))).toBe(0n);
    expect(index.worst([holding("v:m0", hundred, hundred)])).toBe(hundred);
  });

  it("knows the outcome of a market that settled: what can still happen is less", () => {
    const index = listings().index();
    const pair = [holding("v:m1", hundred), holding("v:m2", hundred)];
    expect(index.worst(pair)).toBe(0n);
    index.settled("v:m0", "0");
    expect(index.worst(pair)).toBe(hundred);
    index.settled("v:m1", "1");
    expect(index.worst([holding("v:m2", hundred)])).toBe(0n);
  });

  it("says which markets merge", () => {
    const all = listings();
    all.families.push(
      family("m", [0], { kind: "market", transforms: [{ type: "merge", market: "v:m0", maxLots: null }] }),
    );
    const index = all.index();
    expect(index.canMerge("v:m0")).toBe(true);
    expect(index.canMerge("v:m1")).toBe(false);
  });

  it("finds the book on which a claim can be sold: the unified one, or that of its side", () => {
    const all = listings();
    all.instruments.push(
      instrument(3, { market: "v:pair", side: "yes" }),
      instrument(4, { market: "v:pair", side: "no" }),
    );
    all.families.push(family("p", [3, 4], { kind: "market" }));
    const index = all.index();
    const sellable = index.sellable([
      holding("v:m0", 0n, 5n),
      holding("v:pair", 6n, 7n),
      holding("v:unknown", 8n),
    ]);
    expect(sellable.map(({ instrument: { book }, claim, contracts }) => [book, claim, contracts])).toEqual([
      [0, "no", 5n],
      [3, "yes", 6n],
      [4, "no", 7n],
    ]);
  });
});
