import type { Certificate, Pico } from "../../contracts/index.ts";
import { type Contracts, lesser } from "../ledger/claim.ts";
import { type Holding, pairsOnly } from "../ledger/worst-value.ts";

/** True propositions of a state by its name; null when the name is not made of these propositions. */
export function trueIn(name: string, propositions: readonly string[]): ReadonlySet<string> | null {
  const found = new Set<string>();
  if (name === "none" && !propositions.includes("none")) return found;
  let rest = name;
  for (const proposition of propositions) {
    if (rest === proposition) {
      return found.add(proposition);
    }
    if (!rest.startsWith(`${proposition}+`)) continue;
    found.add(proposition);
    rest = rest.slice(proposition.length + 1);
  }
  return null;
}

/**
 * Least payout of the holdings over the states that the certificate enumerates; markets outside it count as pairs.
 * When a state's name cannot be read, nothing but pairs counts: never more than is sure.
 */
export function worstInStates(certificate: Certificate, holdings: readonly Holding[]): Pico {
  const { propositions, markets } = certificate;
  const proposition = new Map(propositions.map((name) => [markets[name], name]));
  const inside = holdings.filter(({ market }) => proposition.has(market));
  const outside = pairsOnly(holdings.filter(({ market }) => !proposition.has(market)));
  let worst: Contracts | null = null;
  for (const state of certificate.states) {
    const happened = trueIn(state.name, propositions);
    if (happened === null) return pairsOnly(holdings);
    let pays = 0n;
    for (const { market, yes, no } of inside) pays += happened.has(proposition.get(market)!) ? yes : no;
    worst = worst === null ? pays : lesser(worst, pays);
  }
  return (outside + (worst ?? pairsOnly(inside))) as Pico;
}
