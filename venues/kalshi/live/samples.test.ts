import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { memoryEnv } from "../../../tests/memory-sink.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { readPolledBooks } from "../poll-answer.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { readEvent, readEventsPage, readSeries } from "./catalogue-page.ts";
import { isMarketData, readControl } from "./control-frames.ts";
import { failureOf } from "./failures.ts";
import { readCreated, readFill, readFills, readOrderRecord } from "./order-answers.ts";
import { verdictOf } from "./order-refusals.ts";
import { eventsShape } from "./probe-shapes.ts";
import { fixture, keepAlive, obedient, series, standing } from "./testing/fixture.ts";

const DIR = sharedDir();
const SAMPLES = DIR === null ? "" : join(DIR, "data", "samples", "kalshi");
const CAPTURES = DIR === null ? "" : join(DIR, "data", "kalshi", "rest_ws_captures_2026-08");

// biome-ignore lint/suspicious/noExplicitAny: recordings are looked into freely.
type Any = any;

const sample = (...path: readonly string[]): Any => JSON.parse(readFileSync(join(SAMPLES, ...path), "utf8"));
const capture = (name: string): Any =>
  JSON.parse(gunzipSync(readFileSync(join(CAPTURES, `${name}.json.gz`))).toString());
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function streaming() {
  const opened = fixture(memoryEnv("kalshi", KALSHI_SCALES), { keyed: true, orders: "on" });
  const { venue, clock, session } = opened;
  venue.responder = (request) => {
    if (!standing(request, series("KXA")) && request.path.startsWith("/events?"))
      request.answer(200, { events: [] });
  };
  venue.onSocket = (socket) => {
    obedient(socket);
    keepAlive(socket, clock);
    socket.open();
  };
  session.start();
  clock.pass(1_000);
  return opened;
}

describe.skipIf(DIR === null || !existsSync(SAMPLES))("samples of REST", () => {
  it("events, in a page and alone", () => {
    const page = readEventsPage(bytes(sample("rest", "events.json")))!;
    expect([page.events, page.cursor, [...page.document.events.keys()]]).toEqual([
      1,
      "CgYI8Mzn4AsSDEtYTkVXUE9QRS03MA",
      ["KXELONMARS-99"],
    ]);
    const [event] = sample("rest", "events.json").events;
    const { markets } = sample("rest", "markets_KXFED.json");
    const alone = readEvent(bytes({ event: { ...event, event_ticker: "KXFED-27APR" }, markets }))!;
    expect(alone.books.map(({ symbol, open, event: of }) => [symbol, open, of])).toEqual([
      ["KXFED-27APR-T4.25", true, "KXFED-27APR"],
    ]);
  });

  it("markets of every sample are listed and have the shape of the probe", () => {
    const { market } = sample("rest", "market_KXXRPD.json");
    const { single, nested } = sample("cockpit_market_single.json");
    for (const each of [
      market,
      nested,
      single.market ?? single,
      ...sample("rest", "markets_KXFED.json").markets,
    ]) {
      const event = {
        event_ticker: each.event_ticker,
        series_ticker: "KXA",
        title: "t",
        mutually_exclusive: true,
        markets: [each],
      };
      const page = readEventsPage(bytes({ events: [event] }))!;
      expect([page.books.map(({ symbol }) => symbol), page.document.refused]).toEqual([[each.ticker], []]);
      const shape = eventsShape.safeParse({ events: [{ ...event, markets: [{ title: "t", ...each }] }] });
      expect(shape.error?.issues ?? []).toEqual([]);
    }
  });

  it("order books, wrapped as the batch answer has them", () => {
    const books = ["orderbook_KXFED.json", "orderbook_one_sided.json"].map((name, i) => ({
      ticker: `KXA-${i}`,
      ...sample("rest", name),
    }));
    const answer = readPolledBooks(...whole(bytes({ orderbooks: books })));
    expect(answer.ok && answer.books.map(({ levels }) => levels?.length)).toEqual([6, 2]);
    const combos = readPolledBooks(...whole(bytes({ orderbooks: capture("combo_orderbooks") })));
    expect(combos.ok && combos.books.every(({ refusal }) => refusal === null)).toBe(true);
  });

  it("an order: the request has our fields, the answer is read", () => {
    const request = sample("rest", "create_order_request.json");
    for (const key of [
      "ticker",
      "client_order_id",
      "side",
      "count",
      "price",
      "time_in_force",
      "self_trade_prevention_type",
    ])
      expect(request).toHaveProperty(key);
    expect(readCreated(bytes(sample("rest", "create_order_response_201.json")))).toMatchObject({
      venueId: "3b23c1c7-f4ef-4f0d-8b9a-9e53c61f1a0d",
      filled: 0,
    });
  });

  it("error bodies", () => {
    const failures = ["error_409_duplicate_client_order_id.json", "error_429.json"].map((name) => {
      const { status, body } = sample("rest", name);
      return failureOf({
        kind: "answer",
        status,
        headers: {},
        body: bytes(body),
        sentAt: 0 as Any,
        at: 0 as Any,
      })!;
    });
    expect(failures.map(({ code, reason }) => [code, reason])).toEqual([
      ["order_already_exists", "feed.bad_answer"],
      ["too many requests", "feed.rate_limited"],
    ]);
    expect(failures.map(verdictOf)).toEqual([
      { kind: "ask" },
      { kind: "rejected", reason: "order.rate_limited" },
    ]);
  });

  it("fills really charged: every one with its exact fee", () => {
    for (const { payload } of [
      sample("cockpit_portfolio_fills_redacted.json"),
      capture("portfolio_fills_redacted"),
    ]) {
      const page = readFills(bytes(payload))!;
      expect(page.fills).toHaveLength(payload.fills.length);
      expect(page.fills.map(({ fee }) => fee)).toEqual(
        payload.fills.map((fill: Any) => String(BigInt(fill.fee_cost.replace(".", "")) * 1_000_000n)),
      );
    }
  });

  it("fee terms of series", () => {
    for (const { payloads } of [sample("cockpit_series_fee_fields.json"), capture("series_fee_fields")]) {
      const document = readSeries(
        bytes({ series: Object.values(payloads).map((each: Any) => each.series) }),
      )!;
      expect([...document.series.keys()].sort()).toEqual(Object.keys(payloads).sort());
    }
  });
});

describe.skipIf(DIR === null || !existsSync(CAPTURES))("captures of REST", () => {
  it.each(["events_sports_nested", "events_nfl_preseason", "events_mlb_props_nested"])("%s", (name) => {
    const document = capture(name);
    const events: Any[] = Array.isArray(document)
      ? document
      : (document.events ?? Object.values(document.events_by_series).flat());
    const page = readEventsPage(bytes({ events, cursor: "" }))!;
    const tickers = events.flatMap((event) => (event.markets ?? []).map(({ ticker }: Any) => ticker));
    expect(page.books.map(({ symbol }) => symbol)).toEqual(tickers);
    expect(page.document.refused).toEqual([]);
  });
});

describe.skipIf(DIR === null || !existsSync(SAMPLES))("samples of the websocket", () => {
  const names =
    DIR === null ? [] : readdirSync(join(SAMPLES, "ws")).filter((name) => !name.startsWith("cmd_"));

  it.each(names)("%s is handled, and fed unless it is private", (name) => {
    const { venue } = streaming();
    const text = readFileSync(join(SAMPLES, "ws", name), "utf8");
    const before = venue.frames.length;
    venue.sockets[0]!.frame(text);
    const isPrivate = /^(fill|user_order|market_position|order_group_updates)\.json$/.test(name);
    expect(venue.frames.slice(before).map((frame) => frame.text)).toEqual(isPrivate ? [] : [text]);
    expect(venue.failed).toEqual([]);
    if (!isMarketData(...whole(bytes(JSON.parse(text)))))
      expect(readControl(...whole(bytes(JSON.parse(text))))).not.toBeNull();
  });

  it("commands have the shape of those we send", () => {
    const { venue, clock, session } = streaming();
    const socket = venue.sockets[0]!;
    socket.sent.length = 0;
    session.watch(["KXA-1"]);
    clock.pass(1_000);
    session.watch(["KXA-1", "KXA-2"]);
    clock.pass(1_000);
    session.watch(["KXA-1"]);
    clock.pass(1_000);
    session.resync(["KXA-1"]);
    session.watch([]);
    clock.pass(1_000);
    const keys = (command: Any): unknown => [
      command.cmd,
      command.params.action,
      Object.keys(command.params).sort(),
    ];
    const ours = new Set((socket.sent as Any[]).map((command) => JSON.stringify(keys(command))));
    for (const name of ["update_add_markets", "update_delete_markets", "update_get_snapshot", "unsubscribe"])
      expect(ours).toContain(JSON.stringify(keys(sample("ws", `cmd_${name}.json`))));
    const theirs = sample("ws", "cmd_subscribe_orderbook.json").params;
    expect((socket.sent as Any[])[0].params).toEqual({
      ...theirs,
      market_tickers: ["KXA-1"],
      use_yes_price: false,
    });
  });

  it("private messages are read", () => {
    expect(readFill(sample("ws", "fill.json").msg)).toMatchObject({
      lots: 27_800,
      yesTicks: 7_500,
      fee: "10000000000",
    });
    expect(readOrderRecord(sample("ws", "user_order.json").msg)).toMatchObject({
      status: "resting",
      filled: 0,
    });
  });

  it("a whole recorded stream passes verbatim; only its replies are looked into", () => {
    const { venue } = streaming();
    const before = venue.frames.length;
    const texts = sample("cockpit_ws_orderbook_stream.json").frames.map(({ frame }: Any) =>
      JSON.stringify(frame),
    );
    for (const text of texts) venue.sockets[0]!.frame(text);
    expect(venue.frames.slice(before).map(({ text }) => text)).toEqual(texts);
    expect(venue.failed).toEqual([]);
    const data = texts.filter((text: string) => isMarketData(...whole(new TextEncoder().encode(text))));
    expect(data).toHaveLength(12 + 245);
  });
});

function whole(value: Uint8Array): [Uint8Array, number, number] {
  return [value, 0, value.length];
}
