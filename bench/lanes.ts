/**
 * Incremental lane evaluation: what one dirty market costs (its fact, its book, its firewall check, and a scan of its
 * changed family) in universes of 1,000, 10,000 and 100,000 markets, and the memory of the largest.
 *
 * Two loads: 1,000 active markets spread evenly over the universe (the cost of the algorithm), and all markets equally
 * active (adds what the processor's caches cost). The baseline re-scans every family on each cycle.
 *
 * Usage: node bench/lanes.ts [cycles=2000] [rounds=5]
 */
import {
  ASK,
  BID,
  type BookId,
  FACT_WORDS,
  type Family,
  FLAG_FRAME_END,
  type Instrument,
  Kind,
  type Lots,
  type MarketView,
  type Micros,
  S_LOTS,
  S_RECV,
  S_VENUE_SEQ,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../src/contracts/index.ts";
import { DEFAULT_FIREWALL } from "../src/core/market/options.ts";
import { Replica } from "../src/core/market/replica.ts";

const CYCLES = Number(process.argv[2] ?? 2000);
const ROUNDS = Number(process.argv[3] ?? 5);
const DIRTY_PER_CYCLE = 64;
const ACTIVE = 1000;
const MEMBERS = 5;
const LEVELS = 8;
const UNIVERSES = [1_000, 10_000, 100_000];

/** A replica with `markets` valid books in families of five, driven by one packed record at a time. */
class World {
  readonly replica: Replica;
  readonly markets: number;
  #seq = 0;
  #at = 1_700_000_000_000_000;
  readonly #i32 = new Int32Array(FACT_WORDS);
  readonly #f64 = new Float64Array(this.#i32.buffer);

  constructor(markets: number) {
    this.markets = markets;
    const ignore = (): void => {};
    this.replica = new Replica(
      { maxBooks: markets, denseBudgetBytes: 256 << 20, firewall: DEFAULT_FIREWALL, sha256: (text) => text },
      { quarantine: ignore, release: ignore, invalid: ignore, refused: ignore },
    );
    const at = this.#at as Micros;
    for (let book = 0; book < markets; book++) {
      this.replica.object({ kind: "market.instruments", instruments: [instrument(book)] }, at, 0);
    }
    this.replica.object({ kind: "market.families", families: families(markets) }, at, 0);
    this.replica.object(
      { kind: "stream.opened", stream: 0, venue: "bench", label: "", judged: true, why: "" },
      at,
      0,
    );
    for (let book = 0; book < markets; book++) this.#snapshot(book);
    this.replica.clearChanged();
  }

  /** One frame that moves the touch of a book. */
  touch(book: number): void {
    this.#seq++;
    this.#at++;
    this.#put(Kind.LEVEL_CHANGE, book, BID, 1600, FLAG_FRAME_END, 1);
  }

  #snapshot(book: number): void {
    this.#seq++;
    this.#put(Kind.SNAPSHOT_BEGIN, book, BID, 0, 0, 0);
    for (let level = 0; level < LEVELS; level++) {
      this.#put(Kind.SNAPSHOT_LEVEL, book, BID, 1600 - 100 * level, 0, 100);
      this.#put(Kind.SNAPSHOT_LEVEL, book, ASK, 2300 + 100 * level, 0, 100);
    }
    this.#put(Kind.SNAPSHOT_END, book, BID, 0, FLAG_FRAME_END, 0);
  }

  #put(kind: number, book: number, side: number, ticks: number, flags: number, lots: number): void {
    this.#i32[W_HEAD] = kind | (side << 8) | (flags << 16);
    this.#i32[W_BOOK] = book;
    this.#i32[W_PRICE] = ticks;
    this.#i32[W_STREAM] = 0;
    this.#f64[S_LOTS] = lots;
    this.#f64[S_RECV] = this.#at;
    this.#f64[S_VENUE_SEQ] = this.#seq;
    this.replica.apply(this.#i32, this.#f64, 0, this.#seq);
  }
}

function instrument(book: number): Instrument {
  return {
    book: book as BookId,
    key: `bench:${book}`,
    venue: "bench",
    symbol: String(book),
    market: `bench:${book}`,
    side: "unified",
    title: `market ${book}`,
    priceScale: 10_000,
    sizeScale: 100,
    tickRanges: [],
    minLots: 1 as Lots,
    lotStep: 1 as Lots,
    fees: [],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: null,
  };
}

function families(markets: number): Family[] {
  const evidence = { label: "unknown", source: "", hash: "", expiresAt: null } as const;
  return Array.from({ length: markets / MEMBERS }, (_, i) => ({
    id: `f${i}`,
    kind: "event" as const,
    venue: "bench",
    title: "",
    members: Array.from({ length: MEMBERS }, (_, k) => (i * MEMBERS + k) as BookId),
    unquoted: [],
    exclusive: evidence,
    exhaustive: evidence,
    atMost: null,
    transforms: [],
  }));
}

/** The pre-check of a bucket lane: the gross cost of all YES asks, if every one may be used. */
function scanFamily(view: MarketView, index: number): number {
  let cost = 0;
  for (const book of view.family(index).members) {
    if (view.barred(book, ASK) !== 0) return 0;
    cost += view.bestTicks(book, ASK);
  }
  return cost < 10_000 ? 1 : 0;
}

/** CPU nanoseconds per dirty market; `full` re-scans every family each cycle. */
function measure(world: World, cycles: number, bookAt: (i: number) => number, full: boolean): number {
  const { replica } = world;
  let found = 0;
  const before = process.cpuUsage();
  for (let cycle = 0, i = 0; cycle < cycles; cycle++) {
    for (let k = 0; k < DIRTY_PER_CYCLE; k++) world.touch(bookAt(i++));
    if (full) for (let f = 0; f < replica.view.familyCount(); f++) found += scanFamily(replica.view, f);
    else
      for (let f = 0; f < replica.changedCount; f++) found += scanFamily(replica.view, replica.changed[f]!);
    replica.clearChanged();
  }
  const used = process.cpuUsage(before);
  if (found !== 0) throw new Error("the bench market has no arbitrage");
  return ((used.user + used.system) * 1000) / (cycles * DIRTY_PER_CYCLE);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const ns = (value: number): string => `${value.toFixed(0)} ns`;

const memoryBefore = process.memoryUsage();
const worlds = UNIVERSES.map((markets) => {
  const started = process.memoryUsage();
  const world = new World(markets);
  const ended = process.memoryUsage();
  return { world, bytes: ended.rss - started.rss };
});
const spread: number[][] = UNIVERSES.map(() => []);
const uniform: number[][] = UNIVERSES.map(() => []);
const full: number[][] = UNIVERSES.map(() => []);
for (let round = 0; round <= ROUNDS; round++) {
  worlds.forEach(({ world }, i) => {
    const stride = world.markets / ACTIVE;
    const active = measure(world, CYCLES, (k) => ((k * 7) % ACTIVE) * stride, false);
    const everywhere = measure(world, CYCLES, (k) => (k * 7_919) % world.markets, false);
    const rescan = measure(world, 20, (k) => ((k * 7) % ACTIVE) * stride, true);
    if (round === 0) return; // warm-up
    spread[i]!.push(active);
    uniform[i]!.push(everywhere);
    full[i]!.push(rescan);
  });
}
console.log(
  `# ${DIRTY_PER_CYCLE} dirty markets a cycle, families of ${MEMBERS}, ${ROUNDS} rounds, CPU per dirty market (median)`,
);
console.log("name | ours | baseline | ratio");
UNIVERSES.forEach((markets, i) => {
  const [ours, all] = [median(spread[i]!), median(full[i]!)];
  console.log(
    `dirty market of ${markets}, incremental vs. full scan | ${ns(ours)} | ${ns(all)} | ${(all / ours).toFixed(1)}x`,
  );
});
const growth = (columns: number[][]): string => {
  const [small, large] = [median(columns[0]!), median(columns[2]!)];
  return `${ns(large)} | ${ns(small)} | ${(large / small).toFixed(2)}x`;
};
console.log(`100k vs. 1k markets, 1,000 active | ${growth(spread)}`);
console.log(`100k vs. 1k markets, all equally active | ${growth(uniform)}`);
const total = (process.memoryUsage().rss - memoryBefore.rss) / 2 ** 20;
const largest = worlds[2]!.bytes / 2 ** 20;
console.log(
  `memory of 100k markets | ${largest.toFixed(0)} MiB | 1024 MiB | ${(largest / 1024).toFixed(2)}x`,
);
console.log(`memory of all three universes after the run | ${total.toFixed(0)} MiB | |`);
