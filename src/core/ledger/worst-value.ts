import type { Family, Pico } from "../../contracts/index.ts";
import { type Contracts, lesser } from "./claim.ts";

/** What is held of one market. */
export interface Holding {
  readonly market: string;
  readonly yes: Contracts;
  readonly no: Contracts;
}

/** The least that a set of holdings pays over all states of the world. One contract pays one unit, so contracts are Pico. */
export type WorstValue = (holdings: readonly Holding[]) => Pico;

/** Without relations each market may go either way: a YES+NO pair is worth 1, everything else 0. */
export const pairsOnly: WorstValue = (holdings) => {
  let sum = 0n;
  for (const { yes, no } of holdings) sum += lesser(yes, no);
  return sum as Pico;
};

/** What is known of a market's outcome: still open, settled at 1 or 0, or settled in some other way. */
export type Standing = "open" | "yes" | "no" | "other";

/** How many of a family's open outcomes may still happen, and whether one must; `null` = no bound known. */
interface Cardinality {
  readonly atMost: number | null;
  readonly atLeastOne: boolean;
}

/**
 * The labels applied to what is still open: an outcome that happened uses up the bound and fulfils the need for one.
 * A market that settled neither way (a refund, a tie) proves the labels wrong for this event: no need is assumed then.
 */
function cardinality(family: Family, settled: readonly Standing[]): Cardinality {
  const happened = settled.filter((standing) => standing === "yes").length;
  const most = family.exclusive.label === "yes" ? 1 : family.atMost;
  const regular = !settled.includes("other");
  return {
    atMost: most === null || !regular ? null : Math.max(0, most - happened),
    atLeastOne: family.exhaustive.label === "yes" && happened === 0 && regular,
  };
}

/**
 * Exact minimum over the states of one family. With NO everywhere as the base (no outcome happens), letting outcome m
 * happen changes the payout by `yes - no`; the adversary picks the most negative changes its cardinality permits.
 * `outcomes` counts the open ones, quoted or not; `settled` are the standings of the others.
 */
export function worstOfFamily(
  family: Family,
  held: readonly Holding[],
  outcomes: number,
  settled: readonly Standing[] = [],
): Pico {
  const { atMost, atLeastOne } = cardinality(family, settled);
  let worst = 0n;
  const changes: bigint[] = [];
  for (const { yes, no } of held) {
    worst += no;
    changes.push(yes - no);
  }
  for (let other = held.length; other < outcomes; other++) changes.push(0n);
  changes.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const limit = atMost === null ? changes.length : Math.min(atMost, changes.length);
  let happened = 0;
  while (happened < limit) {
    const change = changes[happened]!;
    if (change >= 0n && (happened > 0 || !atLeastOne)) break;
    worst += change;
    happened++;
  }
  return worst as Pico;
}

/**
 * Worst value that uses the labels of event families. A market counts in the first listed event family that holds it;
 * markets in none fall back to pairs. `marketsOf` gives the markets of a family's quoted members, `standingOf` what is
 * known of their outcomes: without it, losers that settled first would make the rest look worthless.
 */
export function familyWorstValue(
  families: readonly Family[],
  marketsOf: (family: Family) => readonly string[],
  standingOf: (market: string) => Standing = () => "open",
): WorstValue {
  return (holdings) => {
    const rest = new Map(holdings.map((holding) => [holding.market, holding]));
    let sum = 0n;
    for (const family of families) {
      if (rest.size === 0) break;
      if (family.kind !== "event") continue;
      const markets = [...new Set(marketsOf(family))];
      const held = markets.flatMap((market) => rest.get(market) ?? []);
      if (held.length === 0) continue;
      for (const { market } of held) rest.delete(market);
      const standings = markets.map(standingOf);
      const settled = standings.filter((standing) => standing !== "open");
      const outcomes = markets.length - settled.length + family.unquoted.length;
      sum += worstOfFamily(family, held, outcomes, settled);
    }
    return (sum + pairsOnly([...rest.values()])) as Pico;
  };
}
