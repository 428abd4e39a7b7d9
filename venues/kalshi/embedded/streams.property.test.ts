import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type BookId,
  FACT_WORDS,
  type FactSink,
  type Kind,
  type Lots,
  type MapperEnv,
  type Micros,
  type ObjectFact,
  reasonOf,
  S_LOTS,
  S_RECV,
  S_VENUE_AT,
  S_VENUE_SEQ,
  type Side,
  type Ticks,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../../../src/contracts/index.ts";
import { DEFAULT_FIREWALL } from "../../../src/core/market/options.ts";
import { Replica } from "../../../src/core/market/replica.ts";
import { MatchingExchange } from "../../../src/sim/embedded/matching-exchange.ts";
import { StepClock } from "../../../src/sim/net/step-clock.ts";
import { SeededRng } from "../../../src/sim/rng.ts";
import { MemorySymbols } from "../../../tests/memory-sink.ts";
import { readDocument } from "../documents.ts";
import { KalshiMapper } from "../mapper.ts";
import { announceMetadata } from "../metadata-facts.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { type Client, DEGREES, question, Scene, SECOND, START, sha256 } from "./testing/scene.ts";

/** The core's own books, behind the adapter's mapper: nothing of the server's own making. */
class Reader implements FactSink {
  readonly symbols: MemorySymbols;
  readonly troubles: string[] = [];
  readonly replica: Replica;
  readonly #mapper: KalshiMapper;
  readonly #i32 = new Int32Array(FACT_WORDS);
  readonly #f64 = new Float64Array(this.#i32.buffer);
  #facts = 0;
  #streams = 0;
  #read = 0;

  constructor(metadata: unknown) {
    const line = (what: string) => (reason: number) => this.troubles.push(`${what} ${reasonOf(reason)}`);
    this.replica = new Replica(
      { maxBooks: 64, denseBudgetBytes: 1 << 20, firewall: DEFAULT_FIREWALL, sha256 },
      {
        quarantine: () => {},
        release: () => {},
        invalid: (_book, reason) => line("invalid")(reason),
        refused: line("refused"),
      },
    );
    this.symbols = new MemorySymbols("kalshi", KALSHI_SCALES, this);
    const env: MapperEnv = {
      venue: "kalshi",
      sink: this,
      symbols: this.symbols,
      maxFrameBytes: 4 * 1024 * 1024,
      openStream: (label, judged, why, at) => {
        this.object(
          { kind: "stream.opened", stream: this.#streams, venue: "kalshi", label, judged, why },
          at,
        );
        return this.#streams++;
      },
    };
    this.#mapper = new KalshiMapper(env);
    announceMetadata(readDocument(metadata), env, START);
  }

  put(
    kind: Kind,
    side: Side,
    flags: number,
    book: number,
    priceTicks: number,
    stream: number,
    lots: number,
    recvAt: number,
    venueAt: number,
    venueSeq: number,
  ): void {
    this.#i32[W_HEAD] = kind | (side << 8) | (flags << 16);
    this.#i32[W_BOOK] = book;
    this.#i32[W_PRICE] = priceTicks;
    this.#i32[W_STREAM] = stream;
    this.#f64[S_LOTS] = lots;
    this.#f64[S_RECV] = recvAt;
    this.#f64[S_VENUE_AT] = venueAt;
    this.#f64[S_VENUE_SEQ] = venueSeq;
    this.replica.apply(this.#i32, this.#f64, 0, this.#facts++);
  }

  object(fact: ObjectFact, at: Micros): void {
    this.replica.object(fact, at, this.#facts++);
  }

  /** Reads what the client was sent since the last time. */
  catchUp(client: Client, now: number): void {
    for (; this.#read < client.texts.length; this.#read++) {
      const bytes = new TextEncoder().encode(client.texts[this.#read]!);
      this.#mapper.frame(1, now, bytes, 0, bytes.length);
    }
  }

  levels(symbol: string, side: Side): readonly (readonly [number, number])[] {
    const book = (this.symbols.hit(symbol) >> 1) as BookId;
    return this.replica.view.ladder(book, side, 100_000).map(({ ticks, lots }) => [ticks, lots]);
  }

  isValid(symbol: string): boolean {
    return this.replica.isExact(this.symbols.hit(symbol) >> 1);
  }
}

type Step =
  | {
      readonly kind: "order";
      readonly who: string;
      readonly market: number;
      readonly side: Side;
      readonly cents: number;
      readonly lots: number;
      readonly time: "gtc" | "ioc";
    }
  | {
      readonly kind: "quote" | "withdraw";
      readonly market: number;
      readonly side: Side;
      readonly cents: number;
      readonly lots: number;
    }
  | { readonly kind: "cancel"; readonly who: string; readonly market: number }
  | { readonly kind: "pass"; readonly micros: number }
  | { readonly kind: "add" | "delete" | "snapshot"; readonly market: number };

const market = fc.nat({ max: 4 });
const who = fc.constantFrom("ann", "bob");
const side = fc.constantFrom<Side>(BID, ASK);
const cents = fc.integer({ min: 1, max: 99 });
const lots = fc.integer({ min: 1, max: 5_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("order" as const),
      who,
      market,
      side,
      cents,
      lots,
      time: fc.constantFrom("gtc" as const, "ioc" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("quote" as const, "withdraw" as const),
      market,
      side,
      cents,
      lots,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), who, market }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), micros: fc.nat({ max: 20_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("add" as const, "delete" as const, "snapshot" as const),
      market,
    }),
  },
);

/** Five markets with a subscribed client, and everything a step can do to them. */
function stage(seed: string) {
  const clock = new StepClock(START);
  const exchange = new MatchingExchange("kalshi", clock);
  const specs = [question(1, { kind: "bucket", outcomes: DEGREES }), question(3)];
  const scene = new Scene({ clock, exchange, rng: new SeededRng(seed), specs });
  const symbols = scene.events.flatMap(({ markets }) => markets.map(({ symbol }) => symbol));
  const client = scene.connect();
  client.subscribe(["orderbook_delta"], symbols.slice(0, 3));
  scene.pass(SECOND);
  client.subscribe(["trade", "market_lifecycle_v2"]);
  scene.pass(SECOND);
  const update = (action: string, symbol: string) =>
    client.command("update_subscription", { sids: [1], action, market_tickers: [symbol] });
  const run = (step: Step): void => {
    const symbol = symbols["market" in step ? step.market : 0]!;
    const book = exchange.book(symbol)!;
    switch (step.kind) {
      case "pass":
        scene.pass(step.micros);
        return;
      case "order":
        exchange.submit({
          account: step.who,
          clientId: null,
          symbol,
          side: step.side,
          ticks: (step.cents * 100) as Ticks,
          lots: step.lots as Lots,
          timeInForce: step.time,
          postOnly: false,
          expiresAt: null,
        });
        return;
      case "quote":
        exchange.quote(book, step.side, step.cents * 100, step.lots);
        return;
      case "withdraw":
        exchange.withdraw(book, step.side, step.cents * 100, step.lots);
        return;
      case "cancel":
        exchange.cancelAll(step.who, symbol);
        return;
      case "add":
        update("add_markets", symbol);
        return;
      case "delete":
        update("delete_markets", symbol);
        return;
      case "snapshot":
        update("get_snapshot", symbol);
    }
  };
  return { scene, client, symbols, run };
}

const rows = (levels: readonly { readonly ticks: number; readonly lots: number }[]) =>
  levels.map(({ ticks, lots }) => [ticks, lots]);

describe("the stream", () => {
  it("numbers each subscription without a hole, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.string(), (steps, seed) => {
        const { scene, client, run } = stage(seed);
        for (const each of steps) run(each);
        scene.pass(SECOND);
        const last = new Map<number, number>();
        for (const { sid, seq } of client.frames) {
          if (seq === undefined) continue;
          expect(seq).toBe((last.get(sid) ?? 0) + 1);
          last.set(sid, seq);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("read by the adapter and the core gives exactly the exchange's books", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), fc.string(), (steps, seed) => {
        const { scene, client, symbols, run } = stage(seed);
        const documents = [
          scene.get("/series").json.series,
          scene.get("/events?with_nested_markets=true").json,
        ];
        const reader = new Reader(documents);
        steps.forEach((each, index) => {
          run(each);
          if (index % 7 === 0) reader.catchUp(client, scene.clock.now());
        });
        scene.pass(SECOND);
        reader.catchUp(client, scene.clock.now());
        const id = client.command("update_subscription", {
          sids: [1],
          action: "delete_markets",
          market_tickers: ["KXNONE"],
        });
        const watched: string[] = client.frames.find((frame) => frame.id === id).msg.market_tickers;
        for (const symbol of symbols) {
          if (!watched.includes(symbol)) continue;
          expect(reader.isValid(symbol)).toBe(true);
          for (const side of [BID, ASK] as const)
            expect(reader.levels(symbol, side)).toEqual(rows(scene.exchange.levels(symbol, side)));
        }
        const allowed = new Set(["invalid book.reconnect"]);
        expect(reader.troubles.filter((trouble) => !allowed.has(trouble))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("snapshot plus deltas tell the same as a later snapshot", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { scene, client, symbols, run } = stage("again");
        for (const each of steps) if (each.kind !== "add" && each.kind !== "delete") run(each);
        scene.pass(SECOND);
        const [first] = symbols;
        const sides = (symbol: string) => {
          const book = new Map<string, number>();
          for (const { type, msg } of client.frames) {
            if (msg?.market_ticker !== symbol) continue;
            if (type === "orderbook_snapshot") {
              book.clear();
              for (const side of ["yes", "no"])
                for (const [price, count] of msg[`${side}_dollars_fp`] ?? [])
                  book.set(`${side} ${price}`, Math.round(count * 100));
            }
            if (type !== "orderbook_delta") continue;
            const key = `${msg.side} ${msg.price_dollars}`;
            const size = (book.get(key) ?? 0) + Math.round(msg.delta_fp * 100);
            expect(size).toBeGreaterThanOrEqual(0);
            if (size === 0) book.delete(key);
            else book.set(key, size);
          }
          return [...book].sort();
        };
        const folded = sides(first!);
        client.command("update_subscription", { sid: 1, action: "get_snapshot", market_tickers: [first] });
        expect(sides(first!)).toEqual(folded);
      }),
      { numRuns: 40 },
    );
  });
});
