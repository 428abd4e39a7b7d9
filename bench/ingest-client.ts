import { constants, PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { openJournal } from "../src/capture/writer.ts";
import { ASK, BID, type BookId, type Micros } from "../src/contracts/index.ts";
import { VENUES } from "../src/registry.gen.ts";
import { assembleSession } from "../src/runtime/assemble.ts";
import { Intake, NO_RAW } from "../src/runtime/intake.ts";
import { JournalRecorder } from "../src/runtime/journal-recorder.ts";
import { LiveNet } from "../src/runtime/net/live-net.ts";
import { WallTimers } from "../src/runtime/net/wall-timers.ts";
import { loadProfile } from "../src/runtime/profile/load.ts";
import { CountingRecorder } from "../src/runtime/replay/recorders.ts";
import { machineMs } from "./ingest-clock.ts";
import { connections, INGEST_VENUES } from "./ingest-market.ts";
import { PlainBooks } from "./ingest-plain.ts";

/**
 * The reader of `ingest.ts`, in a process of its own: EMP's sockets, and behind them either EMP's mappers and books or
 * the plain design. Both write down when each message was in its book.
 */

export type ClientOrder =
  | { readonly kind: "connect"; readonly port: number; readonly perConnection: number }
  /** So many frames open each connection; an answer comes once all of them are read. */
  | { readonly kind: "opening"; readonly frames: readonly number[] }
  | { readonly kind: "measure" }
  /** So many frames came after the opening ones; the report comes once all of them are read. */
  | { readonly kind: "finish"; readonly frames: readonly number[] };

export type ClientAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "measuring"; readonly fromMs: number }
  | ClientReport;

export interface ClientReport {
  readonly kind: "report";
  /** For each connection, the machine's milliseconds at which each frame was in its book. */
  readonly doneAtMs: readonly Float64Array[];
  readonly measuredMs: number;
  readonly cpuMicros: number;
  readonly scavenges: number;
  readonly scavengeMs: number;
  /** Everything else the collector did. */
  readonly otherGcMs: number;
  /** Live heap, and memory outside it, after a full collection before and after. */
  readonly heapBytes: readonly [number, number];
  readonly residentBytes: readonly [number, number];
  readonly usableBooks: number;
  /** Best bid and ask of every market in ticks. */
  readonly tops: readonly (readonly [string, number, number])[];
}

// As `./emp` starts Node; both sides run under it.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");
const collect = globalThis.gc!;

const NEW_JOURNAL = {
  id: "bench",
  createdAt: 1,
  origin: "bench",
  venues: [...INGEST_VENUES],
  profile: { name: "", hash: "" },
  mappingsHash: "",
  commit: "",
  seed: 0,
  nodeMajor: Number.parseInt(process.versions.node, 10),
  assumptions: [],
};

/** What stands behind the sockets. */
interface Books {
  connection(number: number): void;
  frame(number: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void;
  usable(): number;
  tops(): readonly (readonly [string, number, number])[];
}

class EmpBooks implements Books {
  readonly #lines = connections();
  readonly #venues = this.#lines.map(({ venue }) => INGEST_VENUES.indexOf(venue));
  readonly #session;
  readonly #intake;

  /** @param journal a folder to record in as a run does; null = nothing is recorded. */
  constructor(journal: string | null) {
    const loaded = loadProfile("profiles/canary.yaml", {}, []).profile;
    const profile = { ...loaded, lanes: {} };
    const writer = journal === null ? null : openJournal(journal, NEW_JOURNAL);
    if (writer !== null) setInterval(() => writer.flush(), profile.capture.flushIntervalMs);
    const recorder = writer === null ? new CountingRecorder() : new JournalRecorder(writer);
    const venues = INGEST_VENUES.map((id) => ({ id, module: VENUES.get(id)! }));
    const currencies = venues.map(({ id, module }) => ({ id, currency: module.scales.currency }));
    this.#session = assembleSession(profile, currencies, new Map(), recorder, []);
    this.#intake = new Intake(this.#session, writer ?? NO_RAW, venues, profile.limits);
    this.#lines.forEach(({ markets }, number) => {
      this.#intake.describe(this.#venues[number]!, ({ env }) => {
        for (const { listing } of markets) env.symbols.describe(listing, wallMicros());
      });
    });
  }

  connection(number: number): void {
    this.#intake.connection(this.#venues[number]!, number, "opened", wallMicros());
  }

  frame(number: number, recvAt: number, bytes: Uint8Array, start: number, end: number): void {
    this.#intake.frame(this.#venues[number]!, number, recvAt, bytes, start, end);
  }

  usable(): number {
    const { replica } = this.#session.engine;
    return this.#books().filter(({ book }) => replica.isExact(book)).length;
  }

  tops(): readonly (readonly [string, number, number])[] {
    const { view } = this.#session.engine.replica;
    return this.#books().map(({ symbol, book }) => [
      symbol,
      view.bestTicks(book, BID),
      view.bestTicks(book, ASK),
    ]);
  }

  #books(): { readonly symbol: string; readonly book: BookId }[] {
    const encoder = new TextEncoder();
    return this.#lines.flatMap(({ markets }, number) =>
      markets.map(({ symbol }) => {
        const bytes = encoder.encode(symbol);
        const hit = this.#intake.feed(this.#venues[number]!).symbols.find(bytes, 0, bytes.length);
        return { symbol, book: (hit >> 1) as BookId };
      }),
    );
  }
}

/** Counts the collector's work while it is switched on. */
class GcWatch {
  #on = false;
  scavenges = 0;
  scavengeMs = 0;
  otherMs = 0;

  constructor() {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#add(entry);
    }).observe({ entryTypes: ["gc"] });
  }

  start(): void {
    this.#on = true;
  }

  /** What is still on its way to the observer is waited for. */
  async stop(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#on = false;
  }

  #add({ duration, detail }: { readonly duration: number; readonly detail?: unknown }): void {
    if (!this.#on) return;
    if ((detail as { kind: number }).kind === constants.NODE_PERFORMANCE_GC_MINOR) {
      this.scavenges++;
      this.scavengeMs += duration;
    } else this.otherMs += duration;
  }
}

const clock = new WallTimers();
const net = new LiveNet({ clock });
const books = booksOf(process.argv[2]!);
const gc = new GcWatch();
let doneAtMs: Float64Array[] = [];
let read: Int32Array = new Int32Array(0);
let openings: readonly number[] = [];
let wanted: { readonly frames: readonly number[]; readonly then: () => void } | null = null;
let begun = { cpu: process.cpuUsage(), atMs: 0, heap: 0, resident: 0 };

function booksOf(design: string): Books {
  if (design === "plain") return new PlainBooks(connections());
  return new EmpBooks(design === "recorded" ? process.argv[3]! : null);
}

function wallMicros(): Micros {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000) as Micros;
}

function answer(message: ClientAnswer): void {
  process.send!(message);
}

function connect(port: number, perConnection: number): void {
  const count = connections().length;
  doneAtMs = Array.from({ length: count }, () => new Float64Array(perConnection));
  read = new Int32Array(count);
  for (let number = 0; number < count; number++) {
    const done = doneAtMs[number]!;
    net.connect(
      `ws://127.0.0.1:${port}/${number}`,
      {},
      {
        opened: () => books.connection(number),
        message: (bytes, start, end, at) => {
          books.frame(number, at, bytes, start, end);
          const index = read[number]!++;
          done[index] = machineMs();
          if (wanted !== null && wanted.frames[number]! <= index + 1) reached();
        },
        pinged: () => {},
        closed: (end) => {
          throw new Error(`connection ${number}: ${end.kind} ${end.detail}`);
        },
      },
    );
  }
}

/** Calls `then` once so many frames of each connection are read. */
function when(frames: readonly number[], then: () => void): void {
  wanted = { frames, then };
  reached();
}

function reached(): void {
  if (wanted === null || wanted.frames.some((count, number) => read[number]! < count)) return;
  const { then } = wanted;
  wanted = null;
  then();
}

function measure(): void {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  begun = { cpu: process.cpuUsage(), atMs: machineMs(), heap: heapUsed, resident: rss };
  setTimeout(() => gc.start(), 0);
  answer({ kind: "measuring", fromMs: begun.atMs });
}

async function report(): Promise<void> {
  const { user, system } = process.cpuUsage(begun.cpu);
  const measuredMs = machineMs() - begun.atMs;
  await gc.stop();
  const residentAfter = process.memoryUsage().rss;
  collect();
  answer({
    kind: "report",
    doneAtMs: doneAtMs.map((done, number) => done.subarray(openings[number]!, read[number])),
    measuredMs,
    cpuMicros: user + system,
    scavenges: gc.scavenges,
    scavengeMs: gc.scavengeMs,
    otherGcMs: gc.otherMs,
    heapBytes: [begun.heap, process.memoryUsage().heapUsed],
    residentBytes: [begun.resident, residentAfter],
    usableBooks: books.usable(),
    tops: books.tops(),
  });
}

process.on("message", (order: ClientOrder) => {
  switch (order.kind) {
    case "connect":
      connect(order.port, order.perConnection);
      break;
    case "opening":
      openings = order.frames;
      when(order.frames, () => answer({ kind: "ready" }));
      break;
    case "measure":
      measure();
      break;
    case "finish":
      when(
        order.frames.map((count, number) => count + openings[number]!),
        () => void report(),
      );
  }
});
process.on("disconnect", () => process.exit());
