/**
 * Certificate check: the independent checker against a naive generic one (text decimals as reduced big fractions,
 * states by trying every truth assignment), on the same certificates of ten-leg buckets. Prints median and minimum
 * time of one check and the ratio. Usage: node bench/certificate.ts [--json]
 */
import { hash } from "node:crypto";
import type { BookId, Certificate, CertificateFee, Lots, Micros, Ticks } from "../src/contracts/index.ts";
import { certify } from "../src/proof/certificate.ts";
import { checkCertificate } from "../src/proof/checker.ts";
import type { Claim } from "../src/proof/claim.ts";
import type { Problem } from "../src/proof/problem.ts";
import { solve } from "../src/proof/solve.ts";
import { naiveCheck } from "./certificate-naive.ts";

const LEGS = 10;
const CERTIFICATES = 200;
const ROUNDS = 30;
const NAIVE_ROUNDS = 2;
const TARGET_MICROS = 50;

const sha256 = (text: string): string => hash("sha256", text);

/** A small generator of its own, so that every run checks the same certificates. */
function chance(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const FEES: readonly CertificateFee[] = [
  { type: "kalshi", rate: "0.07", balancePrecision: "0.01", tradeFeePrecision: "0.000001" },
  { type: "quadratic", rate: "0.04", exponent: 1, decimals: 5, rounding: "up" },
];

/** A bucket of ten outcomes whose YES asks sum to about 0.85, three levels each. */
function bucketProblem(seed: number): Problem {
  const next = chance(seed + 1);
  const fee = FEES[seed % FEES.length]!;
  const propositions = Array.from({ length: LEGS }, (_, index) => `venue:event-${seed}-outcome-${index}`);
  const claims = propositions.map((market, index): Claim => {
    const first = 300 + next(900);
    const ladder = [first, first + 50 + next(50), first + 150 + next(50)].map((ticks) => ({
      ticks: ticks as Ticks,
      lots: (1_000 + next(100_000)) as Lots,
    }));
    return {
      instrument: `venue:event-${seed}-outcome-${index}`,
      book: index as BookId,
      venue: "venue",
      market,
      proposition: market,
      side: "YES",
      action: "buy",
      priceScale: 10_000,
      sizeScale: 100,
      lotStep: 100,
      minLots: 100,
      feeVersion: "2026-07-07",
      fee,
      ladder,
      maxLots: null,
    };
  });
  const evidence = { evidenceHash: sha256("rules"), expiresAt: null, propositions };
  return {
    propositions,
    markets: Object.fromEntries(propositions.map((name) => [name, name])),
    relations: [
      { type: "exclusive", ...evidence },
      { type: "exhaustive", ...evidence },
    ],
    claims,
    conversions: [],
  };
}

function certificates(): Certificate[] {
  const found: Certificate[] = [];
  for (let seed = 0; found.length < CERTIFICATES && seed < 10 * CERTIFICATES; seed += 1) {
    const portfolio = solve(bucketProblem(seed), ["yes_basket"]);
    const meta = { lane: "bucket", family: `venue:event-${seed}`, issuedAt: 1 as Micros, factSeq: seed };
    if (portfolio !== null && portfolio.legs.length === LEGS) found.push(certify(portfolio, meta, sha256));
  }
  // As they come from a journal: plain JSON, no shapes shared with the builder.
  return found.map((certificate) => JSON.parse(JSON.stringify(certificate)) as Certificate);
}

/** Microseconds per check over all rounds, sorted. */
function time(
  rounds: number,
  subjects: readonly Certificate[],
  accepts: (subject: Certificate) => boolean,
): number[] {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects) {
      const before = process.hrtime.bigint();
      const accepted = accepts(subject);
      times.push(Number(process.hrtime.bigint() - before) / 1000);
      if (!accepted) throw new Error(`refused: ${JSON.stringify(subject).slice(0, 200)}`);
    }
  return times.sort((a, b) => a - b);
}

function main(): void {
  const subjects = certificates();
  const ours = (subject: Certificate) => checkCertificate(subject, sha256).ok;
  time(ROUNDS, subjects, ours);
  const fast = time(ROUNDS, subjects, ours);
  const slow = time(NAIVE_ROUNDS, subjects, (subject) => naiveCheck(subject, sha256));
  const median = fast[Math.floor(fast.length / 2)]!;
  const naive = slow[Math.floor(slow.length / 2)]!;
  const result = {
    bench: "certificate-check",
    legs: LEGS,
    certificates: subjects.length,
    medianMicros: Number(median.toFixed(1)),
    minMicros: Number(fast[0]!.toFixed(1)),
    naiveMedianMicros: Number(naive.toFixed(1)),
    ratio: Number((naive / median).toFixed(1)),
    targetMicros: TARGET_MICROS,
    met: median <= TARGET_MICROS,
  };
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  else
    console.log(
      `certificate check, ${LEGS} legs, ${subjects.length} certificates: median ${result.medianMicros} us ` +
        `(min ${result.minMicros}), naive big-fraction checker ${result.naiveMedianMicros} us, ` +
        `ratio ${result.ratio}; target ${TARGET_MICROS} us ${result.met ? "met" : "NOT met"}`,
    );
}

main();
