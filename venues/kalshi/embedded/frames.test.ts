import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ASK,
  BID,
  type ExchangeChange,
  type Level,
  type Lots,
  type Micros,
  type Side,
  type Ticks,
} from "../../../src/contracts/index.ts";
import { encodeDelta, encodeSnapshot, encodeTrade } from "../encode.ts";
import { deltaMessage, numbered, snapshotMessage, tradeMessage } from "./frames.ts";
import { START } from "./testing/scene.ts";
import { contracts, dollars, money, rfc3339, tradeUuid } from "./values.ts";

const DECODER = new TextDecoder();
const side = fc.constantFrom<Side>(BID, ASK);
const ticks = fc.integer({ min: 1, max: 9_999 });
const lots = fc.integer({ min: 1, max: 9_999_999 });
const venueAt = fc.integer({ min: START, max: START + 10_000_000 });
const change = (fields: object) => ({ symbol: "KXA-1", ...fields }) as never;
/** The market's id is made in another way; all else is compared. */
const withoutId = (text: string) => text.replace(/"market_id":"[^"]*"/, '"market_id":""');

describe("frames are the recorded ones, byte for byte", () => {
  it("deltas", () => {
    fc.assert(
      fc.property(side, ticks, lots, fc.boolean(), venueAt, (side, ticks, size, falls, at) => {
        const lotsChange = falls ? -size : size;
        const encoded = encodeDelta({
          sid: 3,
          seq: 9,
          symbol: "KXA-1",
          side,
          ticks,
          lots: lotsChange,
          venueAt: at,
        });
        const own = deltaMessage(change({ side, ticks, lotsChange, at }), "", false, null);
        expect(numbered("orderbook_delta", 3, 9, own)).toBe(withoutId(DECODER.decode(encoded)));
      }),
    );
  });

  it("trades, which now also say that they are no block trade", () => {
    fc.assert(
      fc.property(side, ticks, lots, venueAt, fc.nat(), (side, ticks, size, at, tradeId) => {
        const id = tradeUuid(tradeId);
        const encoded = encodeTrade({
          sid: 3,
          seq: 9,
          symbol: "KXA-1",
          side,
          ticks,
          lots: size,
          venueAt: at,
          tradeId: id,
        });
        const trade = { kind: "trade", symbol: "KXA-1", side, ticks, lots: size, tradeId, at };
        const own = numbered(
          "trade",
          3,
          9,
          tradeMessage(trade as Extract<ExchangeChange, { kind: "trade" }>),
        );
        expect(own.replace('"is_block_trade":false,', "")).toBe(DECODER.decode(encoded));
      }),
    );
  });

  it("snapshots, sides of any length", () => {
    const levels = fc.uniqueArray(fc.record({ ticks, lots }), {
      selector: (level) => level.ticks,
      maxLength: 6,
    });
    fc.assert(
      fc.property(levels, levels, (bids, asks) => {
        const best = (rows: typeof bids, sign: number): Level[] =>
          rows
            .map((row) => ({ ticks: row.ticks as Ticks, lots: row.lots as Lots }))
            .sort((a, b) => sign * (a.ticks - b.ticks));
        const own = snapshotMessage("KXA-1", "", best(bids, -1), best(asks, 1), false);
        const encoded = DECODER.decode(encodeSnapshot({ sid: 1, seq: 2, symbol: "KXA-1", bids, asks }));
        expect(numbered("orderbook_snapshot", 1, 2, own)).toBe(withoutId(encoded));
      }),
    );
  });

  it("state NO prices on the YES scale where that was asked for", () => {
    const asks = [
      { ticks: 4_200 as Ticks, lots: 5 as Lots },
      { ticks: 4_500 as Ticks, lots: 6 as Lots },
    ];
    const { no_dollars_fp } = JSON.parse(snapshotMessage("A", "", [], asks, true));
    expect(no_dollars_fp).toEqual([
      ["0.4200", "0.05"],
      ["0.4500", "0.06"],
    ]);
    const delta = { side: ASK, ticks: 4_200, lotsChange: 5, at: START };
    expect(JSON.parse(deltaMessage(change(delta), "", true, 'a"b'))).toMatchObject({
      price_dollars: "0.4200",
      client_order_id: 'a"b',
    });
  });
});

describe("values", () => {
  it.each([
    [contracts(0), "0.00"],
    [contracts(-5), "-0.05"],
    [contracts(-12_345), "-123.45"],
    [dollars(0), "0.0000"],
    [dollars(10_000), "1.0000"],
    [money(1_999_999n, 6), "0.000001"],
    [money(-1n, 4), "-0.0001"],
    [rfc3339(START), "2027-01-15T08:00:00Z"],
    [rfc3339((START + 120_500) as Micros), "2027-01-15T08:00:00.1205Z"],
  ])("%s", (value, text) => {
    expect(value).toBe(text);
  });
});
