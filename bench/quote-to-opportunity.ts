/**
 * Socket arrival to opportunity in a whole connected run (sessions, journal, firewall, lanes, desk), against embedded
 * venues in a process of their own that plant arbitrages: idle and at 10,000 messages a second, with lanes inline and
 * in threads. Stages: the frame's arrival at its socket handler -> `opportunity.detected` (a finding with its
 * certificate) -> `plan.approved` (checked, sized, through the gate). The venue's own instant (Kalshi states
 * microseconds) adds what lies between its book and our handler.
 *
 * Usage: node bench/quote-to-opportunity.ts [seconds=30] [perSecond=10000]
 */
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import {
  type Clock,
  FACT_SLOTS,
  type Finding,
  type MarketView,
  type Micros,
  S_RECV,
  S_VENUE_AT,
} from "../src/contracts/index.ts";
import type { LaneFindings } from "../src/runtime/lanes/thread-lanes.ts";
import type { ConnectedRoom } from "../src/runtime/live/connected-run.ts";
import type { SessionTap } from "../src/runtime/session.ts";
import { quantile } from "./ingest-child.ts";
import { benchRun, CountingNet, openVenues, started } from "./live-start-run.ts";

// As `./emp` starts Node.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const SECONDS = Number(process.argv[2] ?? 30);
const PER_SECOND = Number(process.argv[3] ?? 10_000);
const IDLE_EVENTS = 50;
/** Under load the market is this many times as lively at first; then the factor is set by what arrived. */
const FIRST_FACTOR = 100;
const WARM_UP_SECONDS = 8;
const SETTLE_MS = 2_000;
/** Sources of so many of the last facts are remembered: more than lanes in threads ever owe. */
const REMEMBERED = 1 << 18;

const MARKET = {
  EMP_EMBEDDED__MARKETS_PER_VENUE: "300",
  EMP_EMBEDDED__EVENTS_PER_SECOND: String(IDLE_EVENTS),
  EMP_EMBEDDED__PLANT_EVERY_MS: "150",
  EMP_EMBEDDED__CROSS_EVERY_MS: "0",
  EMP_EMBEDDED__DECOY_EVERY_MS: "0",
};
const PROFILE = {
  ...MARKET,
  EMP_OPPORTUNITY__COOLDOWN_MS: "0",
  EMP_PAPER__START_CASH__DEFAULT: "90000",
  EMP_RISK__DAILY_DRAWDOWN: "1",
  EMP_RISK__MAX_CONCURRENT: "1000",
  EMP_RISK__FAMILY_CAP: "1000000",
  EMP_RISK__VENUE_CAP: "1000000",
  EMP_RISK__TOTAL_CAP: "1000000",
};

/** Instants of the frame that a decision goes back to, in microseconds. */
interface Source {
  readonly recvAt: number;
  /** 0 = not stated. */
  readonly venueAt: number;
}

const STAGES = ["arrival to detected", "arrival to approved", "Kalshi's book to detected"] as const;
type Stage = (typeof STAGES)[number];

/** Remembers which frame each fact came with, and takes the time of decisions. */
class Stopwatch {
  readonly #recvAt = new Float64Array(REMEMBERED);
  readonly #venueAt = new Float64Array(REMEMBERED);
  readonly #seqs = new WeakMap<Finding, number>();
  #clock: Clock = { now: () => 0 as Micros };
  #view: MarketView | null = null;
  #current: Source | null = null;
  readonly #micros = new Map<Stage, number[]>(STAGES.map((stage) => [stage, []]));

  readonly tap: SessionTap = {
    quote: () => {},
    decision: (decision) => {
      if (decision.kind === "opportunity.detected") this.#detected(decision.finding);
      else if (decision.kind === "plan.approved" && this.#current !== null)
        this.#note("arrival to approved", this.#current.recvAt);
    },
  };

  /** Stands around the session's entries from now on. */
  watch({ record: { session } }: ConnectedRoom, clock: Clock): void {
    this.#clock = clock;
    this.#view = session.engine.replica.view;
    const packed = session.packed.bind(session);
    session.packed = (i32, f64, index) => {
      const slot = index * FACT_SLOTS;
      const source = { recvAt: f64[slot + S_RECV]!, venueAt: f64[slot + S_VENUE_AT]! };
      this.#current = source;
      packed(i32, f64, index);
      this.#current = null;
      this.#recvAt[session.factSeq % REMEMBERED] = source.recvAt;
      this.#venueAt[session.factSeq % REMEMBERED] = source.venueAt;
    };
    const cycle = session.cycle.bind(session);
    session.cycle = (results) => {
      const found = results as readonly LaneFindings[];
      for (const { seq, findings } of found) for (const finding of findings) this.#seqs.set(finding, seq);
      // Plans of one cycle are taken for those of its first frame: never shorter than it was.
      this.#current = this.#remembered(Math.min(...found.map(({ seq }) => seq)));
      cycle(results);
      this.#current = null;
    };
  }

  /** What was taken since the last call. */
  take(): ReadonlyMap<Stage, Float64Array> {
    const taken = new Map([...this.#micros].map(([stage, all]) => [stage, Float64Array.from(all)]));
    for (const all of this.#micros.values()) all.length = 0;
    return taken;
  }

  #detected(finding: Finding): void {
    const seq = this.#seqs.get(finding);
    const source = seq === undefined ? this.#current : this.#remembered(seq);
    if (source === null) return;
    this.#note("arrival to detected", source.recvAt);
    const venue = this.#view?.instrument(finding.legs[0]!.book)?.venue;
    if (venue === "kalshi" && source.venueAt > 0) this.#note("Kalshi's book to detected", source.venueAt);
  }

  /** Null for a fact that was no frame. */
  #remembered(seq: number): Source | null {
    const recvAt = this.#recvAt[seq % REMEMBERED]!;
    return recvAt === 0 ? null : { recvAt, venueAt: this.#venueAt[seq % REMEMBERED]! };
  }

  #note(stage: Stage, fromMicros: number): void {
    this.#micros.get(stage)!.push(this.#clock.now() - fromMicros);
  }
}

interface Figures {
  readonly name: string;
  readonly perSecond: number;
  readonly cpuPercent: number;
  readonly micros: ReadonlyMap<Stage, Float64Array>;
}

async function phase(name: string, net: CountingNet, watch: Stopwatch): Promise<Figures> {
  watch.take();
  const before = { messages: net.messages, cpu: process.cpuUsage(), atMs: performance.now() };
  await sleep(SECONDS * 1000);
  const ms = performance.now() - before.atMs;
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    name,
    perSecond: ((net.messages - before.messages) / ms) * 1000,
    cpuPercent: (user + system) / ms / 10,
    micros: watch.take(),
  };
}

/** First the load, which also warms the code, then the same run idle. */
async function measure(host: "inline" | "threads"): Promise<readonly Figures[]> {
  const venues = await openVenues(MARKET, "quote-to-opportunity");
  const watch = new Stopwatch();
  const figures: Figures[] = [];
  let net: CountingNet | null = null;
  const burst = (factor: number, seconds: number): void =>
    venues.child.tell({ kind: "burst", factor, seconds });
  try {
    await benchRun({
      venues,
      fields: { ...PROFILE, EMP_SCAN__HOST: host },
      taps: [watch.tap],
      through: (own) => {
        net = new CountingNet(own);
        return net;
      },
      during: async (room, clock) => {
        watch.watch(room, clock);
        await started(room);
        burst(FIRST_FACTOR, WARM_UP_SECONDS);
        const messages = net!.messages;
        await sleep(WARM_UP_SECONDS * 1000);
        const seen = (net!.messages - messages) / WARM_UP_SECONDS;
        burst((FIRST_FACTOR * PER_SECOND) / seen, SECONDS + SETTLE_MS / 1000);
        await sleep(SETTLE_MS);
        figures.push(await phase(`${host}, loaded`, net!, watch));
        await sleep(SETTLE_MS);
        figures.push(await phase(`${host}, idle`, net!, watch));
      },
    });
  } finally {
    await venues.child.end();
  }
  return figures;
}

async function main(): Promise<void> {
  const loadBefore = loadavg()[0]!.toFixed(1);
  const figures = [...(await measure("inline")), ...(await measure("threads"))];
  console.log(
    `quote to opportunity: ${SECONDS} s each, load average ${loadBefore} -> ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log("| lanes | msgs/s | CPU % | stage | count | p50 us | p99 us |");
  console.log("|---|---|---|---|---|---|---|");
  for (const { name, perSecond, cpuPercent, micros } of figures) {
    for (const [stage, values] of micros) {
      const at = (share: number): string => (values.length === 0 ? "-" : quantile(values, share).toFixed(0));
      console.log(
        `| ${name} | ${perSecond.toFixed(0)} | ${cpuPercent.toFixed(0)} | ${stage} | ${values.length} | ${at(0.5)} | ${at(0.99)} |`,
      );
    }
  }
}

await main();
