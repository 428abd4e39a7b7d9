import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Certificate, CertificateRelation, Micros } from "../contracts/index.ts";
import { certify } from "./certificate.ts";
import { checkCertificate } from "./checker.ts";
import { evaluate } from "./portfolio.ts";
import { claim, KALSHI, problem } from "./test-problems.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const verdict = (certificate: Certificate) => {
  const result = checkCertificate(certificate, sha256);
  return result.ok ? "ok" : result.reason;
};

describe("the checker against brute force", () => {
  const names = ["A", "B", "C", "D"];
  const some = fc.subarray(names, { minLength: 2 });
  const two = fc.shuffledSubarray(names, { minLength: 2, maxLength: 2 });
  const evidence = { evidenceHash: "e", expiresAt: null };
  const relation: fc.Arbitrary<CertificateRelation> = fc.oneof(
    fc
      .tuple(fc.constantFrom("exclusive" as const, "exhaustive" as const, "unknown" as const), some)
      .map(([type, propositions]) => ({ type, propositions, ...evidence })),
    fc
      .tuple(fc.constantFrom("at_most" as const, "at_least" as const), some, fc.integer({ min: 0, max: 3 }))
      .map(([type, propositions, k]) => ({ type, propositions, k, ...evidence })),
    fc
      .tuple(fc.constantFrom("implies" as const, "equals" as const, "complement" as const), two)
      .map(([type, [a, b]]) => ({ type, a: a!, b: b!, ...evidence })),
    fc
      .tuple(
        fc.constantFrom("union" as const, "intersection" as const),
        fc.shuffledSubarray(names, { minLength: 2 }),
      )
      .map(([type, [parent, ...children]]) => ({ type, parent: parent!, children, ...evidence })),
  );

  function allows(one: CertificateRelation, truth: ReadonlySet<string>): boolean {
    const count = (list: readonly string[]) => list.filter((name) => truth.has(name)).length;
    switch (one.type) {
      case "unknown":
        return true;
      case "exclusive":
        return count(one.propositions) <= 1;
      case "exhaustive":
        return count(one.propositions) >= 1;
      case "at_most":
        return count(one.propositions) <= one.k;
      case "at_least":
        return count(one.propositions) >= one.k;
      case "implies":
        return !truth.has(one.a) || truth.has(one.b);
      case "equals":
        return truth.has(one.a) === truth.has(one.b);
      case "complement":
        return truth.has(one.a) !== truth.has(one.b);
      case "union":
        return truth.has(one.parent) === one.children.some((child) => truth.has(child));
      case "intersection":
        return truth.has(one.parent) === one.children.every((child) => truth.has(child));
    }
  }

  const holding = fc.record({
    side: fc.constantFrom("YES" as const, "NO" as const),
    price: fc.integer({ min: 1, max: 60 }),
    lots: fc.integer({ min: 0, max: 9 }),
  });

  it("accepts exactly the portfolios whose worst state over all truth assignments pays", () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(relation, { maxLength: 3 }),
        fc.array(holding, { minLength: 4, maxLength: 4 }),
        (relations, held) => {
          const worlds = Array.from(
            { length: 16 },
            (_, mask) => new Set(names.filter((_, at) => (mask >> at) % 2 === 1)),
          );
          const possible = worlds.filter((truth) => relations.every((one) => allows(one, truth)));
          const claims = held.map(({ side, price, lots }, at) =>
            claim(names[at]!, side, [[price, lots + 1]], { fee: KALSHI }),
          );
          const solution = { style: "pair" as const, lots: held.map(({ lots }) => lots), conversions: [] };
          const portfolio = evaluate(problem(names, relations, claims), solution);
          if (portfolio === null || portfolio.legs.length === 0)
            return void expect(possible.length === 0 || held.every(({ lots }) => lots === 0)).toBe(true);
          const pays = possible.map((truth) =>
            held.reduce(
              (sum, { side, lots }, at) => (truth.has(names[at]!) === (side === "YES") ? sum + lots : sum),
              0,
            ),
          );
          const cost = portfolio.legs.reduce((sum, leg) => sum + leg.cash, 0n);
          const worst = BigInt(Math.min(...pays)) * 1_000_000_000_000n - cost;
          expect(portfolio.guaranteed).toBe(worst);
          expect(portfolio.states).toHaveLength(possible.length);
          const certificate = certify(
            portfolio,
            {
              lane: "t",
              family: "f",
              issuedAt: 0 as Micros,
              factSeq: 0,
            },
            sha256,
          );
          expect(verdict(certificate)).toBe(worst > 0n ? "ok" : "guarantee is not positive");
          if (worst > 0n) accepted += 1;
          else refused += 1;
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });
});
