import type { Certificate, Sha256Hex } from "../contracts/index.ts";
import { live, must } from "./checker-text.ts";

/**
 * What is true of the market: the JSON (keys sorted) of everything a certificate may rest on, namely
 * ["of", lane, family, issuedAt, propositions, markets], ["relation", relation], ["transform", one of quantity "" and
 * noSet []], ["leg", leg without cash, fills, ladder, quantity and received, its book].
 */
export interface CheckContext {
  readonly now: number;
  readonly inputs: ReadonlySet<string>;
}

/** Binds a certificate to the market: everything it rests on must be among what is true. */
export function bind(c: Certificate, sha256: Sha256Hex, { now, inputs }: CheckContext): void {
  const known = (what: string, ...input: unknown[]) =>
    must(inputs.has(JSON.stringify(input)), `${what} is not the market's`);
  must(c.issuedAt <= now, "certificate is from the future");
  known("family", "of", c.lane, c.family, c.issuedAt, c.propositions, c.markets);
  for (const relation of c.relations) {
    must(live(relation.expiresAt, now), "relation: evidence has expired");
    known("relation", "relation", relation);
  }
  for (const [at, { cash, fills, ladder, quantity, received, ...terms }] of c.legs.entries()) {
    must(c.books[at]!.ladderHash === sha256(JSON.stringify(ladder)), `leg ${at}: ladder hash differs`);
    known(`leg ${at}`, "leg", terms, c.books[at]);
  }
  for (const transform of c.transforms)
    known(
      "transform",
      "transform",
      "noSet" in transform ? { ...transform, noSet: [], quantity: "" } : { ...transform, quantity: "" },
    );
}
