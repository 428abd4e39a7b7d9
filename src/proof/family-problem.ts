import type {
  BookId,
  CertificateRelation,
  Evidence,
  Family,
  Instrument,
  Micros,
  Transform,
} from "../contracts/index.ts";
import { ONE } from "./exact.ts";
import type { Conversion, Problem } from "./problem.ts";

type InstrumentOf = (book: BookId) => Instrument | undefined;

/**
 * A family of the venue as propositions, markets, relations and conversions (no claims yet). One proposition per
 * market; unquoted outcomes are propositions too. A label that is not known, has no evidence or whose evidence has
 * expired generates no constraint.
 */
export function familyProblem(family: Family, now: Micros, instrumentOf: InstrumentOf): Problem {
  const propositions: string[] = [];
  const markets: Record<string, string> = {};
  const add = (market: string): void => {
    const name = propositionOf(market);
    if (name in markets) return;
    propositions.push(name);
    markets[name] = market;
  };
  for (const book of family.members) {
    const instrument = instrumentOf(book);
    if (instrument !== undefined) add(instrument.market);
  }
  for (const outcome of family.unquoted) add(outcome);
  return {
    propositions,
    markets,
    relations: family.kind === "event" ? relationsOf(family, now, propositions) : [],
    claims: [],
    conversions: conversionsOf(family, instrumentOf, new Set(Object.values(markets))),
  };
}

/**
 * A market's name as a proposition: `+` joins propositions in state names, `none` is the empty state, and a name of
 * digits alone would not keep its place among the keys of an object.
 */
export function propositionOf(market: string): string {
  const escaped = market.replaceAll("%", "%25").replaceAll("+", "%2B");
  return escaped === "none" || /^\d+$/.test(escaped) ? `%${escaped}` : escaped;
}

/** The label as it may be used at an instant: evidence that is missing or has expired leaves it unknown. */
export function labelAt(evidence: Evidence, now: Micros): "yes" | "no" | "unknown" {
  const expired = evidence.expiresAt !== null && evidence.expiresAt <= now;
  return expired || evidence.hash === "" ? "unknown" : evidence.label;
}

/** At most how many outcomes happen, as far as the family's evidence says; null = not known. */
export function mostTrue(family: Family, now: Micros): number | null {
  if (labelAt(family.exclusive, now) === "yes") return 1;
  const expired = family.exclusive.expiresAt !== null && family.exclusive.expiresAt <= now;
  return expired || family.exclusive.hash === "" ? null : family.atMost;
}

function relationsOf(family: Family, now: Micros, propositions: readonly string[]): CertificateRelation[] {
  const relations: CertificateRelation[] = [];
  const most = mostTrue(family, now);
  const evidenceOf = (evidence: Evidence) => ({
    evidenceHash: evidence.hash,
    expiresAt: evidence.expiresAt,
    propositions,
  });
  if (most === 1) relations.push({ type: "exclusive", ...evidenceOf(family.exclusive) });
  else if (most !== null) relations.push({ type: "at_most", ...evidenceOf(family.exclusive), k: most });
  if (labelAt(family.exhaustive, now) === "yes")
    relations.push({ type: "exhaustive", ...evidenceOf(family.exhaustive) });
  return relations;
}

function conversionsOf(
  family: Family,
  instrumentOf: InstrumentOf,
  markets: ReadonlySet<string>,
): Conversion[] {
  const scale = instrumentOf(family.members[0]!)?.sizeScale ?? 1;
  return family.transforms.flatMap((transform): Conversion[] => {
    const max = transform.maxLots === null ? null : (BigInt(transform.maxLots) * ONE) / BigInt(scale);
    const covered = marketsOf(transform).every((market) => markets.has(market));
    if (!covered) return [];
    if (transform.type !== "neg_risk_convert")
      return [{ type: transform.type, market: transform.market, max }];
    const { type, markets: members, feeBips } = transform;
    return [{ type, markets: members, feeBips, max }];
  });
}

function marketsOf(transform: Transform): readonly string[] {
  return transform.type === "neg_risk_convert" ? transform.markets : [transform.market];
}
