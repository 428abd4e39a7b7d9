import type { Family, Finding, MarketView } from "../contracts/index.ts";
import type { CheckContext } from "./binding.ts";
import { canonicalJson, legTermsOf, transformOffer } from "./certificate.ts";
import { familyProblem } from "./family-problem.ts";
import { claimOf } from "./quotes.ts";

/**
 * What a finding's certificate must be found to rest on: the terms, fee versions and ladders of its legs read
 * from the books again, and the relations and conversions of its family. Valid at the fact of the finding.
 */
export function checkContext(finding: Finding, view: MarketView, family: Family): CheckContext {
  const { lane, certificate } = finding;
  const problem = familyProblem(family, view.now, (book) => view.instrument(book));
  const { propositions, markets, relations, conversions } = problem;
  const inputs = new Set<string>();
  inputs.add(canonicalJson(["of", lane, family.id, view.now, propositions, markets]));
  for (const relation of relations) inputs.add(canonicalJson(["relation", relation]));
  for (const conversion of conversions) inputs.add(canonicalJson(["transform", transformOffer(conversion)]));
  for (const [index, { book, action }] of finding.legs.entries()) {
    const [verb, side] = action.split("_") as ["buy" | "sell", "yes" | "no"];
    const levels = certificate.legs[index]?.ladder.length ?? 0;
    const claim = claimOf(view, book, side === "yes" ? "YES" : "NO", verb, levels);
    if (claim === null) continue;
    inputs.add(
      canonicalJson([
        "leg",
        ...legTermsOf(claim, levels, { factSeq: view.factSeq, issuedAt: view.now }, view.sha256),
      ]),
    );
  }
  return { now: view.now, inputs };
}
