/**
 * Certificate check: the independent checker against a naive generic one (text decimals as reduced big fractions,
 * states by trying every truth assignment), on the same certificates of ten-leg buckets. Prints the median of the
 * quietest round (on a shared machine the other rounds measure its neighbours), the median of all checks, the minimum,
 * the processor time of a check and the ratio of the medians. Usage: node bench/certificate.ts [--json]
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

const sha256 = (text: string): string => hash("sha256", text, "hex");

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

interface Timing {
  /** Median of the round with the lowest one, of all checks together, and the fastest check, in microseconds. */
  readonly bestRound: number;
  readonly median: number;
  readonly least: number;
  /** Processor time of one check, the mean over all of them, in microseconds. */
  readonly cpu: number;
}

function time(
  rounds: number,
  subjects: readonly Certificate[],
  accepts: (subject: Certificate) => boolean,
): Timing {
  const all: number[] = [];
  let bestRound = Number.POSITIVE_INFINITY;
  const started = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    const times: number[] = [];
    for (const subject of subjects) {
      const before = process.hrtime.bigint();
      const accepted = accepts(subject);
      times.push(Number(process.hrtime.bigint() - before) / 1000);
      if (!accepted) throw new Error(`refused: ${JSON.stringify(subject).slice(0, 200)}`);
    }
    bestRound = Math.min(bestRound, medianOf(times));
    all.push(...times);
  }
  const { user, system } = process.cpuUsage(started);
  return { bestRound, median: medianOf(all), least: Math.min(...all), cpu: (user + system) / all.length };
}

/** Sorts in place. */
function medianOf(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function main(): void {
  const subjects = certificates();
  const ours = (subject: Certificate) => checkCertificate(subject, sha256).ok;
  time(ROUNDS, subjects, ours);
  const fast = time(ROUNDS, subjects, ours);
  const slow = time(NAIVE_ROUNDS, subjects, (subject) => naiveCheck(subject, sha256));
  const micros = (value: number) => Number(value.toFixed(1));
  const result = {
    bench: "certificate-check",
    legs: LEGS,
    certificates: subjects.length,
    medianMicros: micros(fast.bestRound),
    allRoundsMedianMicros: micros(fast.median),
    minMicros: micros(fast.least),
    cpuMicros: micros(fast.cpu),
    naiveMedianMicros: micros(slow.bestRound),
    ratio: micros(slow.bestRound / fast.bestRound),
    targetMicros: TARGET_MICROS,
    met: fast.bestRound <= TARGET_MICROS,
  };
  if (process.argv.includes("--json")) console.log(JSON.stringify(result));
  else
    console.log(
      `certificate check, ${LEGS} legs, ${subjects.length} certificates: median ${result.medianMicros} us in the ` +
        `quietest of ${ROUNDS} rounds (all rounds ${result.allRoundsMedianMicros}, min ${result.minMicros}, ` +
        `processor ${result.cpuMicros}), naive big-fraction checker ${result.naiveMedianMicros} us, ` +
        `ratio ${result.ratio}; target ${TARGET_MICROS} us ${result.met ? "met" : "NOT met"}`,
    );
}

main();
