import type { Certificate, Sha256Hex } from "../contracts/index.ts";
import { type CheckResult, checkCertificate } from "./checker.ts";

/**
 * What is true of the market: the JSON (keys sorted) of everything a certificate may rest on, namely
 * ["of", lane, family, issuedAt, propositions, markets], ["relation", relation], ["transform", one of quantity "" and
 * noSet []], ["leg", leg without cash, fills, ladder, quantity and received, its book].
 */
export interface CheckContext {
  readonly now: number;
  readonly inputs: ReadonlySet<string>;
}

/** Checks a certificate by itself, then whether it rests on what is true now; never throws. */
export function checkBound(c: Certificate, sha256: Sha256Hex, context: CheckContext): CheckResult {
  const verdict = checkCertificate(c, sha256);
  if (!verdict.ok) return verdict;
  try {
    const reason = unbound(c, sha256, context);
    return reason === null ? verdict : { ok: false, reason };
  } catch {
    return { ok: false, reason: "not of a certificate's shape" };
  }
}

/** The first thing that a certificate rests on and that is not among what is true, or null. */
function unbound(c: Certificate, sha256: Sha256Hex, { now, inputs }: CheckContext): string | null {
  if (c.issuedAt > now) return "certificate is from the future";
  const rests: unknown[][] = [["of", c.lane, c.family, c.issuedAt, c.propositions, c.markets]];
  for (const relation of c.relations) rests.push(["relation", relation]);
  for (const [at, { cash, fills, ladder, quantity, received, ...terms }] of c.legs.entries()) {
    const book = c.books[at];
    if (book?.ladderHash !== sha256(JSON.stringify(ladder))) return `leg ${at}: ladder hash differs`;
    rests.push(["leg", terms, book]);
  }
  for (const offer of c.transforms)
    rests.push(["transform", { ...offer, ...("noSet" in offer && { noSet: [] }), quantity: "" }]);
  const foreign = rests.find((input) => !inputs.has(JSON.stringify(input)));
  if (foreign !== undefined) return `${foreign[0]}: not the market's`;
  const live = c.relations.every(({ expiresAt }) => expiresAt === null || expiresAt > now);
  return live ? null : "relation: evidence has expired";
}
