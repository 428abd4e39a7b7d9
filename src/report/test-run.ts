import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rng, RunSummary } from "../contracts/index.ts";
import { money, moneyText, sumOf } from "./money.ts";
import { type LoadedRun, type ReportRow, ROWS_FILE, SUMMARY_FILE } from "./run-files.ts";

/** Seeded runs for tests: rows with the shape, and summaries consistent with them. Imported by tests only. */

const START = 1_760_000_000_000_000;
const LANES = ["intra", "bucket"] as const;
const VENUES = ["kalshi", "polymarket"] as const;
const REFUSALS = [
  ["certify", "certificate.refused"],
  ["dedupe", "dedupe.cooldown"],
  ["size", "size.zero"],
  ["size", "size.flipped"],
  ["risk", "risk.min_edge"],
  ["risk", "risk.family_cap"],
  ["risk", "risk.quote_gone"],
] as const;

/** An opened row that earned `pnl`. */
export function openedRow(
  id: string,
  family: string,
  pnl: string,
  patch: Partial<ReportRow> = {},
): ReportRow {
  return {
    id,
    lane: "bucket",
    family,
    familyTitle: `Title of ${family}`,
    style: "yes_basket",
    venues: ["kalshi"],
    factSeq: 100,
    foundAt: START,
    closedAt: START + 1_000_000,
    legCount: 2,
    detected: "3",
    certified: "2.5",
    planned: "2",
    expectedRealised: "1.5",
    simulatedRealised: pnl,
    capital: "50",
    fees: "0.07",
    refusal: null,
    refusalStage: null,
    outcome: "filled",
    fillCount: 2,
    minAsk: "0.3",
    maxAsk: "0.6",
    minDepthNotional: "25",
    lotsPlanned: "100",
    lotsFilled: "100",
    ...patch,
  };
}

/** `count` rows: about a third opened, most of them filled, some partial with an unwind, some missed. */
export function randomRows(rng: Rng, count: number): ReportRow[] {
  return Array.from({ length: count }, (_, index) => randomRow(rng, index));
}

function randomRow(rng: Rng, index: number): ReportRow {
  const lane = LANES[rng.int(4) === 0 ? 0 : 1]!;
  const venue = VENUES[rng.int(2)]!;
  const family = rng.int(24);
  const detected = BigInt(rng.int(4_000_000) + 20_000);
  const foundAt = START + index * 7_300_000 + rng.int(5_000_000);
  const row = openedRow(
    `${venue.slice(0, 1)}${index.toString(16).padStart(8, "0")}ab34cd78ef`,
    `${venue}:event-${family}`,
    "0",
    {
      lane,
      style: lane === "intra" ? "yes_no_pair" : rng.int(3) === 0 ? "no_basket" : "yes_basket",
      venues: [venue],
      familyTitle: `Highest temperature in city ${family} on <day> & night?`,
      factSeq: index * 113 + 7,
      foundAt,
      closedAt: foundAt + rng.int(3_000_000),
      detected: micro(detected),
      minAsk: micro(BigInt(rng.int(400_000) + 5_000)),
      maxAsk: micro(BigInt(rng.int(300_000) + 690_000)),
      minDepthNotional: micro(BigInt(rng.int(60_000_000))),
    },
  );
  return rng.int(3) === 0 ? traded(rng, row, detected) : refused(rng, row, detected);
}

function refused(rng: Rng, row: ReportRow, detected: bigint): ReportRow {
  const [refusalStage, refusal] = REFUSALS[rng.int(REFUSALS.length)]!;
  return {
    ...row,
    certified: refusalStage === "certify" ? "0" : micro(detected),
    planned: refusalStage === "risk" ? micro(detected / 3n) : "0",
    expectedRealised: "0",
    simulatedRealised: "0",
    fees: "0",
    refusalStage,
    refusal,
    outcome: "refused",
    fillCount: 0,
    lotsFilled: "0",
  };
}

function traded(rng: Rng, row: ReportRow, detected: bigint): ReportRow {
  const planned = (detected * BigInt(rng.int(40) + 30)) / 100n;
  const draw = rng.int(10);
  const outcome = draw < 6 ? "filled" : draw < 8 ? "partial" : "missed";
  const share = outcome === "filled" ? 100n : outcome === "partial" ? BigInt(rng.int(70) + 10) : 0n;
  const expected = (planned * share) / 100n;
  const unwind = outcome === "filled" ? 0n : BigInt(rng.int(400_000));
  return {
    ...row,
    certified: micro(detected),
    planned: micro(planned),
    expectedRealised: micro(expected),
    simulatedRealised: micro(expected - unwind),
    capital: micro(planned * 30n),
    fees: micro(BigInt(rng.int(90_000))),
    outcome,
    fillCount: outcome === "missed" ? 0 : row.legCount,
    lotsFilled: String(share),
  };
}

const COUNTERS = {
  reasons: {
    kalshi: {
      "wire.unknown_type": 3,
      "book.gap": 2,
      "quote.crossed": 17,
      "quote.stale": 820,
      "quote.one_sided": 5_210,
    },
    polymarket: {
      "wire.unknown_type": 41,
      "wire.mirror": 180_220,
      "quote.crossed": 240,
      "quote.stale": 1_404,
      "quote.one_sided": 900,
      "quote.micro_price": 3_300,
    },
  },
  diagnoses: {
    bucket: {
      "lane.no_edge_gross": 61,
      "lane.not_exhaustive": 12,
      "lane.label_unknown": 9,
      "lane.emitted": 14,
    },
    intra: { "lane.unified": 280, "lane.no_edge_net": 4, "lane.emitted": 2 },
  },
  quarantines: 11_890,
  releases: 11_702,
  latency: {
    kalshi: {
      count: 210_000,
      p50Micros: 18_400,
      p95Micros: 61_000,
      p99Micros: 144_000,
      maxMicros: 2_210_000,
    },
    polymarket: {
      count: 190_000,
      p50Micros: 92_000,
      p95Micros: 260_000,
      p99Micros: 910_000,
      maxMicros: 8_100_000,
    },
  },
} as const;

/** A summary whose ledger and equity curve follow from the rows. */
function summaryFor(rows: readonly ReportRow[], patch: Partial<RunSummary> = {}): RunSummary {
  const startCash = 10_000n * 10n ** 18n;
  let equity = startCash;
  const curve: [number, string][] = [[START, moneyText(startCash)]];
  for (const row of rows.toSorted((a, b) => a.closedAt - b.closedAt)) {
    equity += money(row.simulatedRealised);
    curve.push([row.closedAt, moneyText(equity)]);
  }
  const opened = rows.filter((row) => row.outcome !== "refused");
  return {
    version: 1,
    profile: "replay",
    profileHash: "5f2a90c1".repeat(8),
    journal: "weather-2026-02",
    mode: "replay-recompute",
    seed: 7,
    nodeMajor: 24,
    startedAt: START,
    endedAt: START + 3_600_000_000,
    facts: 1_204_331,
    frames: 402_118,
    digest: "9c3e11d7".repeat(8),
    books: { listed: 312, valid: 301 },
    ...COUNTERS,
    ledger: {
      cash: moneyText(equity - 10n ** 18n),
      reserved: "0",
      openAtWorst: "1",
      fees: moneyText(sumOf(opened.map((row) => money(row.fees)))),
      equity: moneyText(equity),
      startCash: moneyText(startCash),
      openPositions: 2,
      outsideRows: "0",
    },
    equity:
      curve.length <= 2000
        ? curve
        : [...curve.filter((_, i) => i % Math.ceil(curve.length / 1900) === 0), curve.at(-1)!],
    wallMs: 3_412.5,
    ...patch,
  };
}

/** A run that was not written to a folder. */
export function runOf(rows: readonly ReportRow[], patch: Partial<RunSummary> = {}): LoadedRun {
  return { summary: summaryFor(rows, patch), rows };
}

/** Writes a run folder as a run leaves it. */
export function writeRun(dir: string, run: LoadedRun): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, SUMMARY_FILE), JSON.stringify(run.summary));
  const lines = run.rows.map(({ fillCount, ...row }) =>
    JSON.stringify({ ...row, fills: Array(fillCount).fill({}) }),
  );
  writeFileSync(join(dir, ROWS_FILE), lines.map((line) => `${line}\n`).join(""));
}

/** Micro-dollars as decimal text. */
function micro(value: bigint): string {
  return moneyText(value * 10n ** 12n);
}
