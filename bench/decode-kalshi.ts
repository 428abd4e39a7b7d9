/**
 * CPU per message of Kalshi websocket frames -> facts -> a dense book, against `JSON.parse` -> a book of sorted
 * objects. Both fold the same bytes; rounds are interleaved; the best prices of both must agree at the end.
 * Run: node bench/decode-kalshi.ts   (real recordings when ../shared is present, else generated frames)
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { gunzipSync } from "node:zlib";
import { ASK, BID, type FactSink, Kind, type RecordingSink, type Side } from "../src/contracts/index.ts";
import { BookCounter, SymbolTable } from "../src/runtime/symbols.ts";
import { sharedDir } from "../tests/shared.ts";
import { encodeDelta, encodeSnapshot } from "../venues/kalshi/encode.ts";
import { KALSHI_SCALES, PRICE_SCALE } from "../venues/kalshi/scales.ts";
import { kalshi } from "../venues/kalshi/venue.ts";

// As `emp` starts Node; both sides run under it.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const ROUNDS = Number(process.env["EMP_BENCH_ROUNDS"] ?? 9);

/** Frames of one tape, back to back in one buffer. */
interface Tape {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly count: number;
}

/** Lots by tick, which ticks hold any (one bit each), and the best of them. Asks stand mirrored: the best is the highest. */
class DenseLadder {
  readonly #lots = new Float64Array(PRICE_SCALE + 1);
  readonly #held = new Int32Array((PRICE_SCALE >> 5) + 1);
  best = 0;

  add(tick: number, lots: number): void {
    const next = this.#lots[tick]! + lots;
    if (next > 0) {
      this.#lots[tick] = next;
      this.#held[tick >> 5]! |= 1 << (tick & 31);
      if (tick > this.best) this.best = tick;
    } else {
      this.#lots[tick] = 0;
      this.#held[tick >> 5]! &= ~(1 << (tick & 31));
      if (tick === this.best) this.#findBest();
    }
  }

  clear(): void {
    this.#lots.fill(0);
    this.#held.fill(0);
    this.best = 0;
  }

  #findBest(): void {
    let word = this.best >> 5;
    while (word > 0 && this.#held[word] === 0) word--;
    const bits = this.#held[word]!;
    this.best = bits === 0 ? 0 : (word << 5) + 31 - Math.clz32(bits);
  }
}

/** Books of the least that a correct fold needs. */
class DenseBooks implements FactSink {
  readonly books: { readonly bids: DenseLadder; readonly asks: DenseLadder }[] = [];

  put(
    kind: Kind,
    side: Side,
    _flags: number,
    book: number,
    ticks: number,
    _stream: number,
    lots: number,
  ): void {
    if (book < 0) return;
    const { books } = this;
    while (book >= books.length) books.push({ bids: new DenseLadder(), asks: new DenseLadder() });
    const { bids, asks } = books[book]!;
    if (kind === Kind.LEVEL_CHANGE || kind === Kind.SNAPSHOT_LEVEL) {
      if (side === BID) bids.add(ticks, lots);
      else asks.add(PRICE_SCALE - ticks, lots);
    } else if (kind === Kind.SNAPSHOT_BEGIN) {
      bids.clear();
      asks.clear();
    }
  }

  object(): void {}
}

interface PlainLevel {
  price: number;
  size: number;
}

/** What one would write first: objects in sorted arrays. */
class PlainBooks {
  readonly books = new Map<string, { yes: PlainLevel[]; no: PlainLevel[] }>();

  frame(text: string): void {
    const { type, msg } = JSON.parse(text);
    if (type === "orderbook_snapshot") {
      const ladder = (levels: [string, string][] | undefined): PlainLevel[] =>
        (levels ?? [])
          .map(([price, size]) => ({ price: Number(price), size: Number(size) }))
          .sort((a, b) => b.price - a.price);
      this.books.set(msg.market_ticker, { yes: ladder(msg.yes_dollars_fp), no: ladder(msg.no_dollars_fp) });
    } else if (type === "orderbook_delta") {
      const book = this.books.get(msg.market_ticker);
      if (book !== undefined)
        change(msg.side === "yes" ? book.yes : book.no, Number(msg.price_dollars), Number(msg.delta_fp));
    }
  }
}

function change(levels: PlainLevel[], price: number, delta: number): void {
  const at = levels.findIndex((level) => level.price <= price);
  const level = levels[at];
  if (level?.price === price) {
    level.size += delta;
    if (level.size < 0.005) levels.splice(at, 1);
  } else if (delta > 0) levels.splice(at === -1 ? levels.length : at, 0, { price, size: delta });
}

function pack(name: string, frames: readonly Uint8Array[]): Tape {
  const offsets = new Int32Array(frames.length + 1);
  frames.forEach((frame, index) => {
    offsets[index + 1] = offsets[index]! + frame.length;
  });
  const bytes = new Uint8Array(offsets[frames.length]!);
  frames.forEach((frame, index) => {
    bytes.set(frame, offsets[index]);
  });
  return { name, bytes, offsets, count: frames.length };
}

function recorded(name: string, file: string): Tape {
  const frames: Uint8Array[] = [];
  const facts = new DenseBooks();
  const symbols = new SymbolTable("kalshi", KALSHI_SCALES, new BookCounter(1000), facts);
  const sink: RecordingSink = {
    facts,
    env: { venue: "kalshi", sink: facts, symbols, openStream: () => 0, maxFrameBytes: 1 << 22 },
    frame: (_connection, _at, bytes, start, end) => frames.push(bytes.slice(start, end)),
    connection() {},
    object() {},
    reject() {},
  };
  const reader = kalshi.recordings.find(({ id }) => id === "kalshi-ws")!.open(sink, {});
  const bytes = gunzipSync(readFileSync(file));
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    reader.accept(bytes, start, end);
    start = end + 1;
  }
  return pack(name, frames);
}

function generated(): Tape {
  const symbols = Array.from({ length: 20 }, (_, i) => `KXBENCH-26NOV21-T${i}`);
  const frames = symbols.map((symbol, i) =>
    encodeSnapshot({
      sid: 1,
      seq: i + 1,
      symbol,
      bids: Array.from({ length: 40 }, (_, k) => ({ ticks: (k + 1) * 100, lots: 10_000 + k })),
      asks: Array.from({ length: 40 }, (_, k) => ({ ticks: (k + 55) * 100, lots: 10_000 + k })),
    }),
  );
  let state = 12345;
  for (let i = 0; i < 100_000; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const bid = (state & 1024) !== 0;
    const ticks = (bid ? 1 + (state % 45) : 50 + (state % 45)) * 100;
    frames.push(
      encodeDelta({
        sid: 1,
        seq: symbols.length + 1 + i,
        symbol: symbols[(state >>> 12) % symbols.length]!,
        side: bid ? BID : ASK,
        ticks,
        lots: (i & 1) === 0 ? 1250 : -700,
        venueAt: 1_786_410_915_566_273 + i * 900,
      }),
    );
  }
  return pack("generated", frames);
}

function tapes(): Tape[] {
  const shared = sharedDir();
  const folder = shared === null ? "" : join(shared, "data", "kalshi");
  const gold = join(folder, "gold15m_2026-08", "events", "KXGOLD15M-26AUG102130-30", "2026-08-11.ndjson.gz");
  const btc = join(folder, "btc15m_ws_2026-05");
  const found: Tape[] = [generated()];
  if (shared !== null && existsSync(gold)) found.push(recorded("gold15m", gold));
  if (shared !== null && existsSync(btc))
    found.push(
      recorded(
        "btc15m",
        join(
          btc,
          readdirSync(btc)
            .filter((file) => file.endsWith(".gz"))
            .sort()[0]!,
        ),
      ),
    );
  return found;
}

/** CPU nanoseconds per message of one pass. */
function timed(tape: Tape, pass: () => void): number {
  const before = process.cpuUsage();
  pass();
  const used = process.cpuUsage(before);
  return ((used.user + used.system) * 1000) / tape.count;
}

function ours(tape: Tape): DenseBooks {
  const books = new DenseBooks();
  const symbols = new SymbolTable("kalshi", KALSHI_SCALES, new BookCounter(1000), books);
  const mapper = kalshi.createMapper({
    venue: "kalshi",
    sink: books,
    symbols,
    openStream: () => 0,
    maxFrameBytes: 1 << 22,
  });
  const { bytes, offsets, count } = tape;
  for (let i = 0; i < count; i++) mapper.frame(0, 1, bytes, offsets[i]!, offsets[i + 1]!);
  return books;
}

function baseline(tape: Tape): PlainBooks {
  const books = new PlainBooks();
  const { bytes, offsets, count } = tape;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) books.frame(buffer.toString("utf8", offsets[i]!, offsets[i + 1]!));
  return books;
}

function agree(dense: DenseBooks, plain: PlainBooks): boolean {
  const best = (levels: readonly PlainLevel[]): number => Math.round((levels[0]?.price ?? 0) * PRICE_SCALE);
  const theirs = [...plain.books.values()].map(({ yes, no }) => [best(yes), best(no)]);
  const mine = dense.books.map(({ bids, asks }) => [bids.best, asks.best]);
  return JSON.stringify(mine) === JSON.stringify(theirs);
}

function main(): void {
  for (const tape of tapes()) {
    const mine: number[] = [];
    const theirs: number[] = [];
    let dense = ours(tape);
    let plain = baseline(tape);
    for (let round = 0; round < ROUNDS; round++) {
      mine.push(
        timed(tape, () => {
          dense = ours(tape);
        }),
      );
      theirs.push(
        timed(tape, () => {
          plain = baseline(tape);
        }),
      );
    }
    if (!agree(dense, plain)) throw new Error(`${tape.name}: the two books differ`);
    const row = (label: string, pick: (values: number[]) => number) => {
      const a = pick(mine);
      const b = pick(theirs);
      console.log(
        `decode.kalshi ${tape.name} ${label} ns/msg | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(b / a).toFixed(2)}`,
      );
    };
    row("min", (values) => Math.min(...values));
    row("median", (values) => [...values].sort((a, b) => a - b)[values.length >> 1]!);
  }
}

main();
