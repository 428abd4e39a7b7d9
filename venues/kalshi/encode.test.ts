import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK, BID, type Micros } from "../../src/contracts/index.ts";
import { memoryEnv, type PlainRecord } from "../../tests/memory-sink.ts";
import { encodeDelta, encodeSnapshot, encodeTrade } from "./encode.ts";
import { kalshiEncoder } from "./encoder.ts";
import { KalshiMapper } from "./mapper.ts";
import { KALSHI_SCALES, MAX_LOTS } from "./scales.ts";

const SYMBOL = "KXROUND-26NOV21-T1";
const side = fc.constantFrom(BID, ASK);
const ticks = fc.integer({ min: 1, max: 9_999 });
const lots = fc.integer({ min: 1, max: MAX_LOTS });
const millis = fc.integer({ min: 0, max: 4_000_000_000_000 });
const level = fc.record({ ticks, lots });
const ladder = fc.uniqueArray(level, { selector: (each) => each.ticks, maxLength: 30 });

function decode(frame: Uint8Array): PlainRecord[] {
  const env = memoryEnv("kalshi", KALSHI_SCALES);
  new KalshiMapper(env).frame(0, 1, frame, 0, frame.length);
  return env.sink.records;
}

const byPrice = (a: { ticks: number }, b: { ticks: number }) => a.ticks - b.ticks;

describe("encoding then mapping", () => {
  it("gives the snapshot back", () => {
    fc.assert(
      fc.property(ladder, ladder, (bids, asks) => {
        const records = decode(encodeSnapshot({ sid: 1, seq: 1, symbol: SYMBOL, bids, asks }));
        const levels = (wanted: number) =>
          records
            .filter((record) => record.kind === "SNAPSHOT_LEVEL" && record.side === wanted)
            .map((record) => ({ ticks: record.priceTicks, lots: record.lots }))
            .sort(byPrice);
        expect(levels(BID)).toEqual([...bids].sort(byPrice));
        expect(levels(ASK)).toEqual([...asks].sort(byPrice));
      }),
    );
  });

  it("gives the change and the print back", () => {
    fc.assert(
      fc.property(side, ticks, lots, fc.boolean(), millis, (taker, price, size, down, ms) => {
        const common = { sid: 1, seq: 1, symbol: SYMBOL, side: taker, ticks: price, venueAt: ms * 1000 };
        const change = down ? -size : size;
        const expected = { side: taker, priceTicks: price, venueAt: ms * 1000, venueSeq: 1 };
        expect(decode(encodeDelta({ ...common, lots: change }))).toMatchObject([
          { kind: "LEVEL_CHANGE", ...expected, lots: change },
        ]);
        expect(decode(encodeTrade({ ...common, lots: size, tradeId: "x" }))).toMatchObject([
          { kind: "TRADE", ...expected, lots: size },
        ]);
      }),
    );
  });

  it("a simulated market's end resolves its book", () => {
    const env = memoryEnv("kalshi", KALSHI_SCALES);
    const mapper = new KalshiMapper(env);
    env.symbols.learn(SYMBOL, 0 as Micros);
    const listing = env.symbols.instruments[0]!;
    const book = { symbol: SYMBOL, mirrorSymbol: null, market: listing.market, listing };
    const frame = kalshiEncoder.encode({
      ...{ kind: "resolve", market: listing.market, books: [book], yesPayout: "0" },
      ...{ connection: 0, channel: "life", seq: 1, venueAt: 5_000_000 as Micros },
    });
    mapper.frame(0, 1, frame, 0, frame.length);
    expect(env.sink.objects.at(-1)).toMatchObject({ kind: "market.resolved", yesPayout: "0" });
  });
});
