import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Certificate, CertificateRelation, Micros } from "../contracts/index.ts";
import { canonicalJson, certify, sorted } from "./certificate.ts";
import { checkCertificate } from "./checker.ts";
import { evaluate } from "./portfolio.ts";
import {
  certificateOf,
  claim,
  grouped,
  KALSHI,
  PROBLEMS,
  problem,
  sha256,
  truthOf,
} from "./test-problems.ts";

const verdict = (certificate: Certificate) => {
  const result = checkCertificate(certificate, sha256);
  return result.ok ? "ok" : result.reason;
};

/** Writes the hash anew, so that only recomputation can find the lie. */
function rehashed(certificate: unknown): Certificate {
  const { hash, ...body } = certificate as Certificate;
  return sorted({ ...body, hash: sha256(canonicalJson(body)) });
}

describe("the independent checker", () => {
  it.each(PROBLEMS)("verifies an honest certificate: %s", (_name, from, style) => {
    const certificate = certificateOf(from, style);
    expect(verdict(certificate)).toBe("ok");
    expect(checkCertificate(certificate, sha256, truthOf(certificate))).toEqual({ ok: true });
    expect(verdict(JSON.parse(JSON.stringify(certificate)))).toBe("ok");
  });

  it("writes the same bytes for the same portfolio", () => {
    const [, from, style] = PROBLEMS[3]!;
    expect(JSON.stringify(certificateOf(from, style))).toBe(JSON.stringify(certificateOf(from, style)));
  });

  it("never throws, whatever it is handed", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const thing of [null, undefined, 3, "x", [], {}, cyclic, new Map(), { legs: null }])
      expect(checkCertificate(thing as unknown as Certificate, sha256).ok).toBe(false);
    fc.assert(
      fc.property(fc.anything(), (thing) => {
        expect(checkCertificate(thing as Certificate, sha256).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses evidence that expired before the certificate or, given the instant, before now", () => {
    const expiring = (at: number) =>
      problem(
        ["A", "B"],
        [grouped("exhaustive", ["A", "B"], at)],
        [claim("A", "YES", [[40, 5]]), claim("B", "YES", [[40, 5]])],
      );
    expect(verdict(certificateOf(expiring(1_000), "yes_basket"))).toMatch(/evidence/);
    const certificate = certificateOf(expiring(1_001), "yes_basket");
    expect(verdict(certificate)).toBe("ok");
    const later = { ...truthOf(certificate), now: 1_001 };
    expect(checkCertificate(certificate, sha256, later)).toMatchObject({ ok: false });
  });

  it("refuses the use of one ladder by two legs", () => {
    const twice = problem(
      ["A"],
      [],
      [
        claim("A", "YES", [[40, 5]], { instrument: "x:A" }),
        claim("A", "YES", [[40, 5]], { instrument: "x:A" }),
        claim("A", "NO", [[40, 10]]),
      ],
    );
    const portfolio = evaluate(twice, { style: "pair", lots: [5, 5, 10], conversions: [] })!;
    const meta = { lane: "test", family: "x", issuedAt: 0 as Micros, factSeq: 0 };
    expect(verdict(certify(portfolio, meta, sha256))).toMatch(/same depth/);
  });

  it("refuses more states than it can enumerate instead of running on", () => {
    const many = Array.from({ length: 40 }, (_, index) => `P${index}`);
    const [, from, style] = PROBLEMS[0]!;
    const certificate = certificateOf(from, style);
    expect(verdict(rehashed({ ...certificate, propositions: ["A", ...many] }))).toMatch(/states: more/);
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Changes one leaf or list somewhere; undefined where the change would say the same thing in other words. */
function mutated(value: Json, pick: (bound: number) => number, path = ""): Json | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0) return [value];
    const at = pick(value.length);
    const copy = [...value];
    const way = pick(8);
    if (way === 0) copy.splice(at, 1);
    else if (way === 1) copy.splice(at, 0, copy[at]!);
    else {
      const inner = mutated(value[at]!, pick, `${path}[]`);
      if (inner === undefined) return undefined;
      copy[at] = inner;
    }
    return copy;
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).filter((key) => key !== "hash");
    if (keys.length === 0) return { extra: 1 };
    const key = keys[pick(keys.length)]!;
    const way = pick(24);
    if (way === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    if (way === 1) return { ...value, extra: "1" };
    const inner = mutated(value[key]!, pick, `${path}.${key}`);
    return inner === undefined ? undefined : { ...value, [key]: inner };
  }
  if (typeof value === "number") return value + [1, -1, 1_000, 0.5][pick(4)]!;
  if (value === null) return 1;
  if (typeof value === "boolean") return !value;
  const number = Number(value);
  if (value === "" || Number.isNaN(number)) {
    const others = [
      "exclusive",
      "exhaustive",
      "unknown",
      "YES",
      "NO",
      "buy",
      "sell",
      "none",
      "A",
      "B",
      "x:A",
      `${value}x`,
    ];
    const other = others[pick(others.length)]!;
    return other === value ? undefined : other;
  }
  const steps = [0.01, -0.01, 1, -1, 0.000001, 10];
  return String(Number((number + steps[pick(steps.length)]!).toFixed(6)));
}

/** A mutation that drops constraints or repeats a truth is no lie: fewer relations only widen the states. */
const RUNS = Number(process.env["EMP_MUTATIONS"] ?? 10_000);

describe("mutated certificates", () => {
  const honest = PROBLEMS.map(([, from, style]) => certificateOf(from, style));

  function chance(seed: number) {
    let state = seed >>> 0;
    return (bound: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
  }

  it(`are refused, all ${RUNS} of them: any field, leg, state, label, size, price or fee, hash written anew`, () => {
    let tried = 0;
    const accepted: string[] = [];
    for (let seed = 0; tried < RUNS; seed += 1) {
      const pick = chance(seed * 7_919 + 13);
      const certificate = honest[pick(honest.length)]!;
      const lie = mutated(certificate as unknown as Json, pick);
      if (lie === undefined || canonicalJson(lie) === canonicalJson(certificate)) continue;
      tried += 1;
      const result = checkCertificate(rehashed(lie), sha256, truthOf(certificate));
      if (result.ok && !isHarmless(certificate, rehashed(lie)))
        accepted.push(`${seed}: ${canonicalJson(lie)}`);
    }
    expect(accepted).toEqual([]);
  });

  it("are refused without any context where a number follows from the others", () => {
    const derived = ["capital", "fees", "guaranteed", "immediateCash", "states", "worstState"] as const;
    for (let seed = 0; seed < RUNS / 10; seed += 1) {
      const pick = chance(seed * 104_729 + 7);
      const certificate = honest[pick(honest.length)]!;
      const field = derived[pick(derived.length)]!;
      const value = mutated(certificate[field] as unknown as Json, pick);
      if (value === undefined || canonicalJson(value) === canonicalJson(certificate[field])) continue;
      expect(verdict(rehashed({ ...certificate, [field]: value }))).not.toBe("ok");
    }
  });

  it("are refused for every single character of the hash", () => {
    for (const certificate of honest)
      for (let at = 0; at < certificate.hash.length; at += 1) {
        const other = certificate.hash[at] === "0" ? "1" : "0";
        const hash = certificate.hash.slice(0, at) + other + certificate.hash.slice(at + 1);
        expect(verdict({ ...certificate, hash })).toBe("hash differs");
      }
  });

  it("are refused when they are consistent in themselves but not of this market", () => {
    const lies = PROBLEMS.flatMap(([, from, style], index) => {
      const forge = (change: Partial<(typeof from.claims)[number]>) => ({
        ...from,
        claims: from.claims.map((one, at) => (at === 0 ? { ...one, ...change } : one)),
      });
      const first = from.claims[0]!;
      const better = first.action === "buy" ? -1 : 1;
      const ladder = first.ladder.map((level) => ({ ...level, ticks: (level.ticks + better) as never }));
      const deeper = first.ladder.map((level) => ({ ...level, lots: (level.lots + 5) as never }));
      const renamed = from.relations.map((relation) => ({ ...relation, evidenceHash: "other" }));
      return [
        forge({ ladder }),
        forge({ ladder: deeper }),
        forge({ fee: { type: "per_contract", amount: "0.000001" } }),
        forge({ feeVersion: "v2" }),
        forge({ venue: "y" }),
        ...(from.relations.length === 0 ? [] : [{ ...from, relations: renamed }]),
      ].map((forged) => [index, certificateOf(forged, style)] as const);
    });
    for (const [index, lie] of lies) {
      expect(verdict(lie)).toBe("ok");
      const result = checkCertificate(lie, sha256, truthOf(honest[index]!));
      expect(result.ok).toBe(false);
    }
  });
});

/** True when the change only left a relation out or named it twice: the same states, the same numbers. */
function isHarmless(honest: Certificate, changed: Certificate): boolean {
  const same =
    canonicalJson({ ...honest, relations: [], hash: "" }) ===
    canonicalJson({ ...changed, relations: [], hash: "" });
  const known = new Set(honest.relations.map((relation) => canonicalJson(relation)));
  return same && changed.relations.every((relation) => known.has(canonicalJson(relation)));
}

describe("against brute force", () => {
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
            { lane: "t", family: "f", issuedAt: 0 as Micros, factSeq: 0 },
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
