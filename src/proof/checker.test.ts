import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Certificate, Micros } from "../contracts/index.ts";
import { checkBound } from "./binding.ts";
import { canonicalJson, certify, sorted } from "./certificate.ts";
import { checkCertificate } from "./checker.ts";
import { evaluate } from "./portfolio.ts";
import { certificateOf, claim, grouped, PROBLEMS, problem, truthOf } from "./test-problems.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

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
    const certificate = certificateOf(from, style, sha256);
    expect(verdict(certificate)).toBe("ok");
    expect(checkBound(certificate, sha256, truthOf(certificate))).toEqual({ ok: true });
    expect(verdict(JSON.parse(JSON.stringify(certificate)))).toBe("ok");
  });

  it("writes the same bytes for the same portfolio", () => {
    const [, from, style] = PROBLEMS[3]!;
    expect(JSON.stringify(certificateOf(from, style, sha256))).toBe(
      JSON.stringify(certificateOf(from, style, sha256)),
    );
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
    expect(verdict(certificateOf(expiring(1_000), "yes_basket", sha256))).toMatch(/evidence/);
    const certificate = certificateOf(expiring(1_001), "yes_basket", sha256);
    expect(verdict(certificate)).toBe("ok");
    const later = { ...truthOf(certificate), now: 1_001 };
    expect(checkBound(certificate, sha256, later)).toMatchObject({ ok: false });
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

  it("refuses relations that take too long to work out instead of running on", () => {
    const names = ["A", ...Array.from({ length: 40 }, (_, at) => `P${at}`)];
    const [a, b] = ["P38", "P39"];
    const evidence = { evidenceHash: "e", expiresAt: null };
    const relations = [
      { type: "equals", a, b, ...evidence },
      { type: "complement", a, b, ...evidence },
    ];
    const [, from, style] = PROBLEMS[0]!;
    const certificate = certificateOf(from, style, sha256);
    expect(verdict(rehashed({ ...certificate, propositions: names, relations }))).toMatch(/states: more/);
    expect(verdict(rehashed({ ...certificate, propositions: names }))).toMatch(/state/);
  });

  it("refuses prices and sizes finer than a millionth", () => {
    const [, from, style] = PROBLEMS[0]!;
    const certificate = certificateOf(from, style, sha256);
    const [first, ...others] = certificate.legs;
    const legs = [{ ...first!, lot: "0.0000001" }, ...others];
    expect(verdict(rehashed({ ...certificate, legs }))).toMatch(/too fine/);
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

/** Mutations tried; more from the environment. */
const RUNS = Number(process.env["EMP_MUTATIONS"] ?? 10_000);

describe("mutated certificates", () => {
  const honest = PROBLEMS.map(([, from, style]) => certificateOf(from, style, sha256));

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
      const result = checkBound(rehashed(lie), sha256, truthOf(certificate));
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
      ].map((forged) => [index, certificateOf(forged, style, sha256)] as const);
    });
    for (const [index, lie] of lies) {
      expect(verdict(lie)).toBe("ok");
      const result = checkBound(lie, sha256, truthOf(honest[index]!));
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
