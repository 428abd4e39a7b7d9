import { setFlagsFromString } from "node:v8";
import { type FactSink, Kind, type MapperEnv, type Side, type Ticks } from "../src/contracts/index.ts";
import { BookCounter, SymbolTable } from "../src/runtime/symbols.ts";
import { PolymarketMapper } from "../venues/polymarket/mapper.ts";
import { SCALES } from "../venues/polymarket/scales.ts";
import { MARKET, token, workloads } from "./polymarket-frames.ts";

/**
 * CPU per Polymarket message, bytes to folded book: EMP's mapper and a minimal dense book against the idiomatic way
 * (JSON.parse, books of sorted objects). Rounds are interleaved; ratios within one run are what counts.
 */

// As `emp` starts Node; both sides run under it.
setFlagsFromString("--max-inlined-bytecode-size-cumulative=4000");

const ROUNDS = 15;
const ROUND_MICROS = 60_000;
/** Frames between two looks at the clock, which costs about a microsecond itself. */
const BATCH = 512;
const BOOKS = 64;
const TICKS = 10_001;

/** Totals by tick, and which ticks to clear when a snapshot comes. */
class DenseFold implements FactSink {
  readonly #lots = new Float64Array(BOOKS * 2 * TICKS);
  readonly #touched = Array.from({ length: BOOKS }, () => new Int32Array(1 << 14));
  readonly #count = new Int32Array(BOOKS);
  checksum = 0;

  put(
    kind: Kind,
    side: Side,
    _flags: number,
    book: number,
    ticks: number,
    _stream: number,
    lots: number,
  ): void {
    if (kind === Kind.SNAPSHOT_BEGIN) this.#clear(book);
    else if (kind === Kind.SNAPSHOT_LEVEL || kind === Kind.LEVEL_SET) {
      const index = (book * 2 + side) * TICKS + ticks;
      const count = this.#count[book]!;
      if (this.#lots[index] === 0 && count < 1 << 14) {
        this.#touched[book]![count] = index;
        this.#count[book] = count + 1;
      }
      this.#lots[index] = lots;
    } else this.checksum += ticks;
  }

  object(): void {
    this.checksum++;
  }

  lotsAt(book: number, side: Side, ticks: Ticks): number {
    return this.#lots[(book * 2 + side) * TICKS + ticks]!;
  }

  #clear(book: number): void {
    const touched = this.#touched[book]!;
    const count = this.#count[book]!;
    for (let i = 0; i < count; i++) this.#lots[touched[i]!] = 0;
    this.#count[book] = 0;
  }
}

interface ObjectLevel {
  price: number;
  size: number;
}
interface ObjectBook {
  bids: ObjectLevel[];
  asks: ObjectLevel[];
}
interface WireLevel {
  price: string;
  size: string;
}
interface WireMessage {
  event_type: string;
  asset_id: string;
  bids: WireLevel[];
  asks: WireLevel[];
  price_changes: (WireLevel & { asset_id: string; side: string; best_bid: string; best_ask: string })[];
  price: string;
  size: string;
  best_bid: string;
  best_ask: string;
}

/** What a typical bot does. */
class ObjectFold {
  readonly #books = new Map<string, ObjectBook>();
  checksum = 0;

  frame(bytes: Buffer): void {
    const parsed = JSON.parse(bytes.toString()) as WireMessage | WireMessage[];
    if (Array.isArray(parsed)) for (const message of parsed) this.#message(message);
    else this.#message(parsed);
  }

  #message(message: WireMessage): void {
    switch (message.event_type) {
      case "book": {
        const level = ({ price, size }: WireLevel): ObjectLevel => ({
          price: Number(price),
          size: Number(size),
        });
        const bids = message.bids.map(level).sort((a, b) => b.price - a.price);
        const asks = message.asks.map(level).sort((a, b) => a.price - b.price);
        this.#books.set(message.asset_id, { bids, asks });
        break;
      }
      case "price_change":
        for (const change of message.price_changes) {
          const book = this.#book(change.asset_id);
          if (change.side === "BUY") set(book.bids, Number(change.price), Number(change.size), -1);
          else set(book.asks, Number(change.price), Number(change.size), 1);
          this.checksum += Number(change.best_bid) + Number(change.best_ask);
        }
        break;
      case "last_trade_price":
        this.checksum += Number(message.price) + Number(message.size);
        break;
      default:
        this.checksum += Number(message.best_bid) + Number(message.best_ask);
    }
  }

  #book(asset: string): ObjectBook {
    let book = this.#books.get(asset);
    if (book === undefined) {
      book = { bids: [], asks: [] };
      this.#books.set(asset, book);
    }
    return book;
  }
}

function set(levels: ObjectLevel[], price: number, size: number, direction: 1 | -1): void {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle]!.price - price) * direction < 0) low = middle + 1;
    else high = middle;
  }
  const found = levels[low]?.price === price;
  if (size === 0) {
    if (found) levels.splice(low, 1);
  } else if (found) levels[low]!.size = size;
  else levels.splice(low, 0, { price, size });
}

function ours(): (bytes: Buffer) => void {
  const sink = new DenseFold();
  const symbols = new SymbolTable("polymarket", SCALES, new BookCounter(BOOKS), sink);
  const env: MapperEnv = { venue: "polymarket", sink, symbols, openStream: () => 0, maxFrameBytes: 1 << 22 };
  const mapper = new PolymarketMapper(env);
  mapper.connection(0, "opened", 0 as never);
  // One market described as a unified book with its mirror, as a live session has it.
  symbols.describe(
    {
      symbol: token(0),
      mirrorSymbol: token(1),
      market: `polymarket:${MARKET}`,
      side: "unified",
      title: "bench",
      priceScale: SCALES.priceScale,
      sizeScale: SCALES.sizeScale,
      tickRanges: [],
      minLots: 0 as never,
      lotStep: 1 as never,
      fees: [],
      currency: SCALES.currency,
      status: "open",
      opensAt: null,
      closesAt: null,
    },
    0 as never,
  );
  return (bytes) => mapper.frame(0, 1_778_481_000_000_000, bytes, 0, bytes.length);
}

function baseline(): (bytes: Buffer) => void {
  const fold = new ObjectFold();
  return (bytes) => fold.frame(bytes);
}

/** CPU nanoseconds per frame over about `ROUND_MICROS`. */
function round(run: (bytes: Buffer) => void, frames: readonly Buffer[]): number {
  const start = process.cpuUsage();
  let count = 0;
  for (;;) {
    for (let i = 0; i < BATCH; i++) run(frames[i % frames.length]!);
    count += BATCH;
    const used = process.cpuUsage(start);
    if (used.user + used.system >= ROUND_MICROS) return ((used.user + used.system) * 1000) / count;
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

console.log("name | bytes | ours ns min/median | baseline ns min/median | ratio min/median");
for (const [name, frames] of workloads()) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  const mine = ours();
  const theirs = baseline();
  round(mine, frames);
  round(theirs, frames);
  const times = Array.from({ length: ROUNDS }, () => [round(mine, frames), round(theirs, frames)] as const);
  const a = times.map(([x]) => x);
  const b = times.map(([, y]) => y);
  const bytes = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length);
  const ns = (list: readonly number[]): string =>
    `${Math.min(...list).toFixed(0)}/${median(list).toFixed(0)}`;
  const ratio = `${(Math.min(...b) / Math.min(...a)).toFixed(2)}/${(median(b) / median(a)).toFixed(2)}`;
  console.log(`${name} | ${bytes} | ${ns(a)} | ${ns(b)} | ${ratio}`);
}
