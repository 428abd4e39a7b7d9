/**
 * Ingest over real sockets: 50,000 messages a second (Kalshi deltas, Polymarket price changes and books, 250 B to 3 KB,
 * 360 markets, 9 connections) from a process of its own to one that keeps the books, until each message is in its book.
 * EMP's mappers and books against the usual design (`JSON.parse`, Map of books of sorted objects) behind the same
 * sockets. A round of each in turn, each in fresh processes; medians. The rate does not wait for the reader.
 *
 * Usage: node bench/ingest.ts [rounds=3] [perSecond=50000] [seconds=8] [warmUpSeconds=4]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchChild, median, quantile } from "./ingest-child.ts";
import type { ClientAnswer, ClientOrder, ClientReport } from "./ingest-client.ts";
import type { SenderAnswer, SenderOrder, SentReport } from "./ingest-sender.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const PER_SECOND = Number(process.argv[3] ?? 50_000);
const SECONDS = Number(process.argv[4] ?? 8);
const WARM_UP_SECONDS = Number(process.argv[5] ?? 4);
/** Latency is judged from this long after the full collection that begins the measured part. */
const SETTLE_MS = 500;
/** Goals as ratios; shared machines are noisy, so the bench fails at 70 % of them. */
const P99_GOAL = 10;
const SCAVENGE_GOAL = 20;
const GATE = 0.7;

const DESIGNS = ["emp", "recorded", "plain"] as const;
type Design = (typeof DESIGNS)[number];

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuPercent: number;
  readonly cpuMicrosPerMessage: number;
  readonly scavenges: number;
  readonly scavengeMs: number;
  readonly otherGcMs: number;
  readonly heapBeginMb: number;
  readonly heapEndMb: number;
  readonly residentBeginMb: number;
  readonly residentEndMb: number;
  readonly senderLateMs: number;
}

type Client = BenchChild<ClientOrder, ClientAnswer>;
type Sender = BenchChild<SenderOrder, SenderAnswer>;

let tops = "";

async function round(design: Design): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "emp-ingest-"));
  const sender: Sender = new BenchChild("ingest-sender.ts", []);
  const args = [design, join(folder, "journal")];
  const client: Client = new BenchChild(process.env.BENCH_CLIENT ?? "ingest-client.ts", args, ["--expose-gc", ...(process.env.BENCH_FLAGS ?? "").split(" ").filter(Boolean)]);
  try {
    const { port } = await sender.hear("listening");
    const seconds = WARM_UP_SECONDS + SECONDS;
    client.tell({ kind: "connect", port, perConnection: PER_SECOND * seconds });
    const { frames } = await sender.hear("opened");
    client.tell({ kind: "opening", frames });
    await client.hear("ready");
    sender.tell({ kind: "run", perSecond: PER_SECOND, seconds });
    await sleep(WARM_UP_SECONDS * 1000);
    client.tell({ kind: "measure" });
    const { fromMs } = await client.hear("measuring");
    const sent = await sender.hear("sent");
    client.tell({ kind: "finish", frames: sent.sentAtMs.map(({ length }) => length) });
    const report = await client.hear("report");
    checkBooks(design, report);
    return roundOf(sent, report, fromMs);
  } finally {
    await Promise.all([sender.end(), client.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every design must end with the same best prices, and every book of it usable. */
function checkBooks(design: Design, report: ClientReport): void {
  const unusable = report.tops.length - report.usableBooks;
  if (unusable > 0) throw new Error(`${design}: ${unusable} of ${report.tops.length} books are not usable`);
  const text = JSON.stringify(report.tops);
  tops ||= text;
  if (text !== tops) throw new Error(`${design}: the books differ from those of the design before`);
}

function roundOf(sent: SentReport, report: ClientReport, fromMs: number): Round {
  const latencies: number[] = [];
  let messages = 0;
  sent.sentAtMs.forEach((sentAt, connection) => {
    const doneAt = report.doneAtMs[connection]!;
    for (let i = 0; i < sentAt.length; i++) {
      if (doneAt[i]! >= fromMs) messages++;
      if (sentAt[i]! >= fromMs + SETTLE_MS) latencies.push(doneAt[i]! - sentAt[i]!);
    }
  });
  const sorted = Float64Array.from(latencies);
  const mb = (bytes: number): number => bytes / 1e6;
  return {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
    cpuPercent: report.cpuMicros / report.measuredMs / 10,
    cpuMicrosPerMessage: report.cpuMicros / messages,
    scavenges: report.scavenges,
    scavengeMs: report.scavengeMs,
    otherGcMs: report.otherGcMs,
    heapBeginMb: mb(report.heapBytes[0]),
    heapEndMb: mb(report.heapBytes[1]),
    residentBeginMb: mb(report.residentBytes[0]),
    residentEndMb: mb(report.residentBytes[1]),
    senderLateMs: sent.maxLateMs,
  };
}

function load(): string {
  return loadavg()[0]!.toFixed(1);
}

async function main(): Promise<void> {
  const loadBefore = load();
  const rounds = new Map<Design, Round[]>(DESIGNS.map((design) => [design, []]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const design of (process.env.BENCH_ONLY ?? "emp,recorded,plain").split(",") as Design[]) { const r = await round(design); console.log(design, JSON.stringify(r, (_, v) => typeof v === "number" ? Math.round(v*100)/100 : v)); rounds.get(design)!.push(r);}
  }
  const of = (design: Design, key: keyof Round): number => median(rounds.get(design)!.map((r) => r[key]));
  console.log(
    `ingest: ${PER_SECOND} msgs/s for ${SECONDS} s after ${WARM_UP_SECONDS} s, ${ROUNDS} rounds, load average ${loadBefore} -> ${load()}`,
  );
  console.log("| median of rounds | EMP | EMP, recording | JSON.parse and objects | ratio |");
  console.log("|---|---|---|---|---|");
  const row = (name: string, key: keyof Round, digits: number): void => {
    const [emp, recorded, plain] = DESIGNS.map((design) => of(design, key)) as [number, number, number];
    const ratio = (plain / emp).toFixed(1);
    console.log(
      `| ${name} | ${emp.toFixed(digits)} | ${recorded.toFixed(digits)} | ${plain.toFixed(digits)} | ${ratio} |`,
    );
  };
  row("arrival to book p50, ms", "p50Ms", 2);
  row("arrival to book p99, ms", "p99Ms", 2);
  row("arrival to book max, ms", "maxMs", 1);
  row("CPU of the reader, % of a core", "cpuPercent", 0);
  row("CPU us/msg", "cpuMicrosPerMessage", 2);
  row("scavenges", "scavenges", 0);
  row("time in scavenges, ms", "scavengeMs", 1);
  row("other collection, ms", "otherGcMs", 1);
  row("live heap before, MB", "heapBeginMb", 1);
  row("live heap after, MB", "heapEndMb", 1);
  row("resident before, MB", "residentBeginMb", 0);
  row("resident after, MB", "residentEndMb", 0);
  row("sender late at most, ms", "senderLateMs", 1);
  gate("p99", of("plain", "p99Ms") / of("emp", "p99Ms"), P99_GOAL);
  gate("time in scavenges", of("plain", "scavengeMs") / of("emp", "scavengeMs"), SCAVENGE_GOAL);
}

function gate(what: string, ratio: number, goal: number): void {
  const verdict = ratio >= goal ? "met" : ratio >= goal * GATE ? "within noise" : "missed";
  console.log(`${what}: ${ratio.toFixed(1)}x less, goal ${goal}x: ${verdict}`);
  if (verdict === "missed") process.exitCode = 1;
}

await main();
