import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookId, Evidence, Family, Label } from "../../contracts/index.ts";
import { familyWorstValue, type Holding, pairsOnly, type Standing, worstOfFamily } from "./worst-value.ts";

const evidence = (label: Label): Evidence => ({ label, source: "t", hash: "h", expiresAt: null });

function family(exclusive: Label, exhaustive: Label, atMost: number | null, unquoted = 0): Family {
  return {
    id: "f",
    kind: "event",
    venue: "v",
    title: "t",
    members: [0, 1, 2].map((book) => book as BookId),
    unquoted: Array.from({ length: unquoted }, (_, index) => `u${index}`),
    exclusive: evidence(exclusive),
    exhaustive: evidence(exhaustive),
    atMost,
    transforms: [],
  };
}

const MARKETS = ["m0", "m1", "m2"];

/** Every state allowed by the labels, enumerated without cleverness. */
function bruteForce(of: Family, held: readonly Holding[]): bigint {
  const outcomes = MARKETS.length + of.unquoted.length;
  let worst: bigint | null = null;
  for (let state = 0; state < 2 ** outcomes; state++) {
    const happened = [...Array(outcomes).keys()].filter((bit) => (state >> bit) % 2 === 1);
    const most = of.exclusive.label === "yes" ? 1 : (of.atMost ?? outcomes);
    if (happened.length > most || (of.exhaustive.label === "yes" && happened.length === 0)) continue;
    let pays = 0n;
    for (const { market, yes, no } of held) pays += happened.includes(MARKETS.indexOf(market)) ? yes : no;
    if (worst === null || pays < worst) worst = pays;
  }
  return worst ?? 0n;
}

describe("worst value", () => {
  it("is one per YES + NO pair when nothing relates the markets", () => {
    expect(pairsOnly([{ market: "m", yes: 5n, no: 3n }])).toBe(3n);
  });

  it("equals the minimum over all permitted states", () => {
    const label = fc.constantFrom<Label>("yes", "no", "unknown");
    const amount = fc.bigInt({ min: -5n, max: 20n });
    fc.assert(
      fc.property(
        label,
        label,
        fc.constantFrom(null, 1, 2),
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.tuple(amount, amount), { minLength: 3, maxLength: 3 }),
        (exclusive, exhaustive, atMost, unquoted, amounts) => {
          const of = family(exclusive, exhaustive, atMost, unquoted);
          const held = amounts.map(([yes, no], index) => ({ market: MARKETS[index]!, yes, no }));
          expect(worstOfFamily(of, held, 3 + unquoted)).toBe(bruteForce(of, held));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("stays what it was while the outcomes of a held basket settle one by one", () => {
    const standing = new Map<string, Standing>();
    const worst = familyWorstValue(
      [family("yes", "yes", null)],
      () => MARKETS,
      (market) => standing.get(market) ?? "open",
    );
    const yes = (market: string): Holding => ({ market, yes: 10n, no: 0n });
    const no = (market: string): Holding => ({ market, yes: 0n, no: 10n });
    standing.set("m0", "no");
    expect(worst([yes("m1"), yes("m2")])).toBe(10n);
    expect(worst([no("m1"), no("m2")])).toBe(10n);
    standing.set("m1", "yes");
    expect(worst([yes("m2")])).toBe(0n);
    expect(worst([no("m2")])).toBe(10n);
    standing.set("m1", "other");
    expect(worst([yes("m2")])).toBe(0n);
  });

  it("counts a market once, and markets outside every event as pairs", () => {
    const worst = familyWorstValue([family("yes", "yes", null), family("yes", "yes", null)], () => MARKETS);
    const yes = (market: string): Holding => ({ market, yes: 10n, no: 0n });
    expect(worst([...MARKETS.map(yes), yes("else")])).toBe(10n);
  });
});
