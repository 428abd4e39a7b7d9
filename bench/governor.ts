/**
 * Governor against a limit that is hidden and changes (10, 6, 15 requests a second, burst 5, 80 ms each way, Retry-After
 * 1 s), in simulated time, beside fixed rates, plain additive increase and an oracle. Fails when the governor misses a
 * gate on any seed. Usage: node bench/governor.ts [seeds] [--json]
 */

import { additive, fixed, governed, oracle, type Policy, PUBLISHED, play } from "./governor-policies.ts";
import type { Score } from "./governor-world.ts";

const SEEDS = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 10);
const UTILISATION_MIN = 0.9;
const REFUSED_MAX = 0.005;
const REACHED_MAX_SECONDS = 60;

interface Row {
  readonly policy: string;
  readonly run: Policy;
  readonly capacities?: readonly number[];
}

const ROWS: readonly Row[] = [
  { policy: "fixed 6/s", run: fixed(6) },
  { policy: "fixed 10/s", run: fixed(10) },
  { policy: "fixed 15/s", run: fixed(15) },
  { policy: "AIMD 0.1/s, keep 0.5", run: additive(0.1, 0.5) },
  { policy: "AIMD 0.1/s, keep 0.9", run: additive(0.1, 0.9) },
  { policy: "AIMD 0.5/s, keep 0.7", run: additive(0.5, 0.7) },
  { policy: "AIMD, fixed memory", run: additive(0.3, 0.85, { growth: 0.01, from: 0.92, seconds: 90 }) },
  { policy: "governor", run: governed() },
  { policy: "governor, 15/s published", run: governed(PUBLISHED), capacities: [15, 15, 15] },
  { policy: "oracle", run: oracle },
];

function main(): void {
  const results = ROWS.map(({ policy, run, capacities }) => {
    const scores = Array.from({ length: SEEDS }, (_, seed) => play(run, seed, capacities));
    return { policy, scores, ...worst(scores) };
  });
  const ours = results.find(({ policy }) => policy === "governor")!;
  const missed = misses(ours.scores);
  if (process.argv.includes("--json"))
    console.log(JSON.stringify({ bench: "governor", seeds: SEEDS, results, missed }));
  else print(results, missed);
  if (missed.length > 0) process.exitCode = 1;
}

type Result = { policy: string; scores: readonly Score[] } & ReturnType<typeof worst>;

/** Means over the seeds, and the slowest of them per phase. */
function worst(scores: readonly Score[]) {
  const mean = (of: (score: Score) => number) =>
    scores.reduce((sum, one) => sum + of(one), 0) / scores.length;
  const phases = scores[0]!.reachedSeconds.length;
  return {
    utilisation: mean((score) => score.utilisation),
    utilisationMin: Math.min(...scores.map((score) => score.utilisation)),
    refusedShare: mean((score) => score.refusedShare),
    refusedShareMax: Math.max(...scores.map((score) => score.refusedShare)),
    slowestSeconds: Array.from({ length: phases }, (_, phase) =>
      Math.max(...scores.map((score) => score.reachedSeconds[phase]!)),
    ),
    insideRetryAfter: scores.reduce((sum, score) => sum + score.insideRetryAfter, 0),
  };
}

function misses(scores: readonly Score[]): string[] {
  return scores.flatMap((score, seed) => {
    const slowest = Math.max(...score.reachedSeconds);
    const gates: [boolean, string][] = [
      [score.utilisation >= UTILISATION_MIN, `utilisation ${score.utilisation.toFixed(3)}`],
      [score.refusedShare <= REFUSED_MAX, `429 share ${percent(score.refusedShare)}`],
      [slowest <= REACHED_MAX_SECONDS, `90 % after ${slowest} s`],
      [score.insideRetryAfter === 0, `${score.insideRetryAfter} inside Retry-After`],
    ];
    return gates.filter(([met]) => !met).map(([, what]) => `seed ${seed}: ${what}`);
  });
}

function print(results: readonly Result[], missed: readonly string[]): void {
  console.log(
    `hidden limit 10, 6, 15 requests/s, ${SEEDS} seeds; mean (worst), seconds to 90 % are the slowest`,
  );
  console.log(
    "policy                    | utilisation   | 429 share       | 90 % after      | in Retry-After",
  );
  for (const row of results) {
    const used = `${row.utilisation.toFixed(3)} (${row.utilisationMin.toFixed(3)})`;
    const refused = `${percent(row.refusedShare)} (${percent(row.refusedShareMax)})`;
    const slow = row.slowestSeconds.map((s) => (Number.isFinite(s) ? s : "never")).join(" / ");
    console.log(
      `${row.policy.padEnd(25)} | ${used.padEnd(13)} | ${refused.padEnd(15)} | ${slow.padEnd(15)} | ${row.insideRetryAfter}`,
    );
  }
  const gates = `utilisation >= ${UTILISATION_MIN}, 429 share <= ${percent(REFUSED_MAX)}, 90 % within ${REACHED_MAX_SECONDS} s, none inside Retry-After`;
  console.log(`gates of every seed of the governor (${gates}): ${missed.length === 0 ? "met" : "NOT met"}`);
  for (const line of missed) console.log(`  ${line}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

main();
