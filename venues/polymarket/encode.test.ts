import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  FLAG_FRAME_END,
  FLAG_HASH_OK,
  type Level,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
  type WireAction,
  type WireBook,
} from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv, type PlainRecord } from "../../tests/memory-sink.ts";
import { catalogueOf } from "./catalogue.ts";
import { PolymarketEncoder } from "./encode.ts";
import { listingOf, marketKey } from "./listing.ts";
import { PolymarketMapper } from "./mapper.ts";
import { PolymarketReferenceFold } from "./reference-fold.ts";
import { SCALES } from "./scales.ts";

const YES = "50000000000000000000000000000000000000000000000000000000000000000000000000001";
const NO = "11400000000000000000000000000000000000000000000000000000000000000000000000002";
const CONDITION = "0xa8adfd2128c320af6b3369aae60e69a88e06dd0baf98122cae11ac15bebcaff6";
const START = 1_778_480_000_000_000;
const DECODER = new TextDecoder();

const listing = listingOf({
  venue: "polymarket",
  conditionId: CONDITION,
  tokens: [YES, NO],
  title: "Will it rain?",
  tickSize: "0.001",
  minSize: "5",
  fees: [],
  status: "open",
  opensAt: null,
  closesAt: null,
});
const book: WireBook = { symbol: YES, mirrorSymbol: NO, market: marketKey("polymarket", CONDITION), listing };
const base = { connection: 0, channel: "book", seq: -1, venueAt: START as Micros, book } as const;

const level = (ticks: number, lots: number): Level => ({ ticks: ticks as Ticks, lots: lots as Lots });

function open(): {
  readonly env: MemoryEnv;
  send(action: WireAction): readonly PlainRecord[];
  frame(action: WireAction): string;
} {
  const env = memoryEnv("polymarket", SCALES);
  catalogueOf(env.symbols).describe(listing, 0 as Micros);
  const mapper = new PolymarketMapper(env);
  const encoder = new PolymarketEncoder();
  return {
    env,
    send(action) {
      env.sink.clear();
      const bytes = encoder.encode(action);
      mapper.frame(0, action.venueAt, bytes, 0, bytes.length);
      return env.sink.records;
    },
    frame: (action) => DECODER.decode(encoder.encode(action)),
  };
}

describe("encoded frames read back as what was said", () => {
  it("snapshots, with a checksum the mapper verifies", () => {
    const { send } = open();
    const records = send({
      ...base,
      kind: "snapshot",
      bids: [level(4100, 1), level(4000, 2_500_000)],
      asks: [level(4200, 7)],
    });
    expect(records.map((r) => [r.kind, r.side, r.priceTicks, r.lots])).toEqual([
      ["SNAPSHOT_BEGIN", BID, 0, -1],
      ["SNAPSHOT_LEVEL", BID, 4000, 2_500_000],
      ["SNAPSHOT_LEVEL", BID, 4100, 1],
      ["SNAPSHOT_LEVEL", ASK, 4200, 7],
      ["SNAPSHOT_END", BID, 0, -1],
    ]);
    expect(records.at(-1)?.flags).toBe(FLAG_FRAME_END | FLAG_HASH_OK);
  });

  it("level changes, on both tokens, with the best prices of the book", () => {
    const { send, frame } = open();
    const action: WireAction = {
      ...base,
      kind: "level",
      side: ASK,
      ticks: 4200 as Ticks,
      lotsChange: 5 as Lots,
      lots: 12 as Lots,
      bestBid: -1,
      bestAsk: 4200,
    };
    expect(send(action).map((r) => [r.kind, r.side, r.priceTicks, r.lots])).toEqual([
      ["LEVEL_SET", ASK, 4200, 12],
      ["TOP_WITNESS", BID, -1, -1],
      ["TOP_WITNESS", ASK, 4200, -1],
      ["REJECT", BID, 10, -1],
    ]);
    const mirrored = (JSON.parse(frame(action)) as { price_changes: object[] }).price_changes[1];
    expect(mirrored).toMatchObject({
      asset_id: NO,
      price: "0.58",
      size: "0.000012",
      side: "BUY",
      best_bid: "0.58",
      best_ask: "1",
    });
  });

  it("prints, tick changes, closes and settlements", () => {
    const { env, send } = open();
    const trade: WireAction = {
      ...base,
      channel: "trade",
      kind: "trade",
      side: BID,
      ticks: 4200 as Ticks,
      lots: 9 as Lots,
      tradeId: 3,
    };
    expect(send(trade)[0]).toMatchObject({
      kind: "TRADE",
      side: BID,
      priceTicks: 4200,
      lots: 9,
      venueAt: START,
    });
    send({
      ...base,
      channel: "life",
      kind: "tick_size",
      oldStepTicks: 10 as Ticks,
      newStepTicks: 100 as Ticks,
    });
    expect(env.symbols.instruments[0]?.tickRanges[0]?.stepTicks).toBe(100);
    expect(send({ ...base, channel: "life", kind: "close" }).map((r) => r.kind)).toEqual([
      "SNAPSHOT_BEGIN",
      "SNAPSHOT_END",
    ]);
    send({ ...base, channel: "life", kind: "resolve", market: book.market, books: [book], yesPayout: "1" });
    expect(env.sink.objects.at(-1)).toMatchObject({
      kind: "market.resolved",
      market: book.market,
      yesPayout: "1",
    });
  });
});

const size = fc.integer({ min: 1, max: 5_000_000_000 });
const side = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9_999 }), size), {
  selector: ([ticks]) => ticks,
  maxLength: 12,
});
const step = fc.oneof(
  fc.record({ kind: fc.constant("snapshot" as const), bids: side, asks: side }),
  fc.record({
    kind: fc.constant("level" as const),
    side: fc.constantFrom<Side>(BID, ASK),
    ticks: fc.integer({ min: 1, max: 9_999 }),
    lots: fc.oneof(fc.constant(0), size),
  }),
);

describe("any tape of snapshots and changes", () => {
  it("folds to the same levels through the mapper and to the same best prices through the reference", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { send, frame } = open();
        const reference = new PolymarketReferenceFold();
        const said = [new Map<number, number>(), new Map<number, number>()] as const;
        const read = [new Map<number, number>(), new Map<number, number>()] as const;
        let at = START;
        const actions: WireAction[] = [{ ...base, kind: "snapshot", bids: [], asks: [] }];
        for (const one of steps) {
          at += 1000;
          const venueAt = at as Micros;
          if (one.kind === "snapshot") {
            const levels = (list: readonly (readonly [number, number])[]) =>
              list.map(([t, l]) => level(t, l));
            actions.push({
              ...base,
              kind: "snapshot",
              venueAt,
              bids: levels(one.bids),
              asks: levels(one.asks),
            });
          } else {
            const change = {
              side: one.side,
              ticks: one.ticks as Ticks,
              lots: one.lots as Lots,
              lotsChange: 0 as Lots,
            };
            actions.push({ ...base, kind: "level", venueAt, ...change, bestBid: -1, bestAsk: -1 });
          }
        }
        for (const action of actions) {
          apply(said, action);
          for (const record of send(action)) fold(read, record);
          reference.frame(frame(action));
        }
        expect(read).toEqual(said);
        const [bids, asks] = said;
        expect(reference.top(YES)).toEqual({
          bid: bids.size === 0 ? -1 : Math.max(...bids.keys()),
          ask: asks.size === 0 ? -1 : Math.min(...asks.keys()),
        });
      }),
      { numRuns: 60 },
    );
  });
});

type Sides = readonly [Map<number, number>, Map<number, number>];

function apply(sides: Sides, action: WireAction): void {
  if (action.kind === "snapshot") {
    for (const [which, levels] of [action.bids, action.asks].entries()) {
      sides[which]!.clear();
      for (const { ticks, lots } of levels) sides[which]!.set(ticks, lots);
    }
  } else if (action.kind === "level") setLevel(sides[action.side], action.ticks, action.lots);
}

function fold(sides: Sides, record: PlainRecord): void {
  if (record.kind === "SNAPSHOT_BEGIN") for (const levels of sides) levels.clear();
  else if (record.kind === "SNAPSHOT_LEVEL" || record.kind === "LEVEL_SET") {
    setLevel(sides[record.side as Side], record.priceTicks, record.lots);
  }
}

function setLevel(levels: Map<number, number>, ticks: number, lots: number): void {
  if (lots === 0) levels.delete(ticks);
  else levels.set(ticks, lots);
}
