import { describe, expect, it } from "vitest";
import { type Micros, reasonOf } from "../../src/contracts/index.ts";
import { memoryEnv } from "../../tests/memory-sink.ts";
import { readDocument } from "./documents.ts";
import { type EncodedLifecycle, encodeEventFee, encodeLifecycle } from "./encode.ts";
import { KalshiMapper } from "./mapper.ts";
import { announceMetadata } from "./metadata-facts.ts";
import { KALSHI_SCALES } from "./scales.ts";
import { text } from "./testing/frames.ts";

const AT = 1_786_410_915_600_000 as Micros;
const SYMBOL = "KXA-26NOV21-A";

/** A mapper that knows one market through metadata. */
function fixture() {
  const env = memoryEnv("kalshi", KALSHI_SCALES);
  const mapper = new KalshiMapper(env);
  const document = readDocument([
    { ticker: "KXA", fee_type: "quadratic", fee_multiplier: 1 },
    {
      event_ticker: "KXA-26NOV21",
      series_ticker: "KXA",
      mutually_exclusive: true,
      markets: [
        {
          ticker: SYMBOL,
          event_ticker: "KXA-26NOV21",
          status: "active",
          volume_fp: "1.00",
          price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
        },
      ],
    },
  ]);
  announceMetadata(document, env, AT);
  let seq = 0;
  const send = (frame: (seq: number) => Uint8Array) => {
    env.sink.clear();
    const bytes = frame(++seq);
    mapper.frame(0, AT, bytes, 0, bytes.length);
    return env.sink;
  };
  const lifecycle = (body: EncodedLifecycle, symbol = SYMBOL) =>
    send((number) => encodeLifecycle({ sid: 9, seq: number, symbol, body }));
  const instrument = () => env.symbols.instruments[0]!;
  return { env, send, lifecycle, instrument };
}

describe("market lifecycle", () => {
  it("a result counts when it is settled, once, however often the venue repeats it", () => {
    const { lifecycle } = fixture();
    const resolved = (body: EncodedLifecycle) =>
      lifecycle(body).objects.flatMap((fact) => (fact.kind === "market.resolved" ? [fact.yesPayout] : []));
    const determined = { event_type: "determined", determination_ts: 1, settlement_value: "1.0000" } as const;
    expect(resolved({ ...determined, result: "yes" })).toEqual([]);
    expect(resolved({ event_type: "settled", settled_ts: 2 })).toEqual(["1"]);
    expect(resolved({ event_type: "settled", settled_ts: 2 })).toEqual([]);
  });

  it("an amended determination replaces the first, and a scalar pays its settlement value", () => {
    const { lifecycle } = fixture();
    const body = { event_type: "determined", determination_ts: 1 } as const;
    lifecycle({ ...body, result: "yes", settlement_value: "1.0000" });
    lifecycle({ ...body, result: "scalar", settlement_value: "0.3700" });
    const facts = lifecycle({ event_type: "settled", settled_ts: 2 }).objects;
    expect(facts).toContainEqual(expect.objectContaining({ kind: "market.resolved", yesPayout: "0.3700" }));
  });

  it("a result that contradicts its settlement value is refused", () => {
    const { lifecycle } = fixture();
    const { records } = lifecycle({
      event_type: "determined",
      result: "yes",
      settlement_value: "0.0000",
      determination_ts: 1,
    });
    expect(records.map(({ kind, priceTicks }) => [kind, reasonOf(priceTicks)])).toEqual([
      ["REJECT", "wire.missing_field"],
    ]);
  });

  it("closing and pausing end the book's validity and the instrument's status", () => {
    const { lifecycle, instrument } = fixture();
    const { records } = lifecycle({ event_type: "deactivated" });
    expect(records).toMatchObject([{ kind: "INVALID", book: 0, venueSeq: 1 }]);
    expect(reasonOf(records[0]!.priceTicks)).toBe("book.venue_close");
    expect(instrument().status).toBe("paused");
    lifecycle({ event_type: "activated" });
    expect(instrument().status).toBe("open");
  });

  it("a new tick grid ends the book's validity and restates the grid", () => {
    const { lifecycle, instrument } = fixture();
    const { records } = lifecycle({
      event_type: "price_level_structure_updated",
      price_level_structure: "deci_cent",
      price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0010" }],
    });
    expect(reasonOf(records[0]!.priceTicks)).toBe("book.tick_change");
    expect(instrument().tickRanges).toEqual([{ fromTicks: 0, toTicks: 10_000, stepTicks: 10 }]);
  });

  it("a moved close is restated", () => {
    const { lifecycle, instrument } = fixture();
    lifecycle({ event_type: "close_date_updated", close_ts: 1_786_411_000 });
    expect(instrument().closesAt).toBe(1_786_411_000_000_000);
  });

  it("markets without a book only use up their number", () => {
    const { lifecycle } = fixture();
    expect(lifecycle({ event_type: "deactivated" }, "KXOTHER-1").records).toMatchObject([
      { kind: "SEQUENCE", book: -1, venueSeq: 1 },
    ]);
  });
});

describe("event fees", () => {
  it("an override starts a new fee version, its removal restores the series' terms", () => {
    const { send, instrument } = fixture();
    const update = (feeType: string | null, multiplier: number | null) =>
      send((seq) => encodeEventFee({ sid: 9, seq, eventTicker: "KXA-26NOV21", feeType, multiplier }));
    update("quadratic_with_maker_fees", 0.5);
    expect(instrument().fees.at(-1)).toMatchObject({
      from: AT,
      spec: { takerRate: "0.035", makerRate: "0.00875" },
    });
    update(null, null);
    expect(instrument().fees.at(-1)).toMatchObject({ spec: { takerRate: "0.07", makerRate: "0" } });
    update("brand_new", 1);
    expect(instrument().fees.at(-1)).toMatchObject({ spec: { type: "unknown" } });
    expect(instrument().fees).toHaveLength(4);
  });

  it("an update without an event is refused", () => {
    const { send } = fixture();
    const { records } = send((seq) => text(`{"type":"event_fee_update","sid":9,"seq":${seq},"msg":{}}`));
    expect(records).toMatchObject([{ kind: "REJECT" }]);
  });
});
