import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type MemoryRecording, memoryEnv, memoryRecording } from "../../../tests/memory-sink.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { KALSHI_SCALES } from "../scales.ts";
import { text } from "../testing/frames.ts";
import { kalshi } from "../venue.ts";

function read(id: string, lines: readonly string[], options: Record<string, string> = {}): MemoryRecording {
  const recording = memoryRecording(memoryEnv("kalshi", KALSHI_SCALES));
  const session = kalshi.recordings.find((reader) => reader.id === id)!.open(recording, options);
  for (const line of lines) {
    const bytes = text(line);
    session.accept(bytes, 0, bytes.length);
  }
  session.end();
  return recording;
}

const kinds = (recording: MemoryRecording) =>
  recording.env.sink.entries.map((entry) => ("kind" in entry ? entry.kind : entry.object.kind));

const frame = (seq: number) =>
  `{"type":"orderbook_delta","sid":1,"seq":${seq},"msg":{"market_ticker":"KXA-1"}}`;
const gold = (millis: number, seq: number) => `{"recv_ms":${millis},"event":${frame(seq)}}`;

describe("kalshi-ws", () => {
  it("hands frames over verbatim with their receive time", () => {
    const { frames, rejects } = read("kalshi-ws", [gold(5, 7)]);
    expect(frames).toEqual([{ connection: 0, recvAt: 5_000, text: frame(7) }]);
    expect(rejects).toEqual([]);
  });

  it("takes a falling number as proof that the recorder connected anew", () => {
    const { connections } = read("kalshi-ws", [gold(5, 7), gold(6, 8), gold(7, 2)]);
    expect(connections.map(({ state, at }) => [state, at])).toEqual([
      ["opened", 5_000],
      ["lost", 7_000],
      ["opened", 7_000],
      ["lost", 7_000],
    ]);
  });

  it("says in the venue's words that a subscription is whole when the user vouches for it", () => {
    const { frames } = read("kalshi-ws", [gold(5, 7), gold(6, 8)], { judge: "yes" });
    expect(frames.map(({ text: sent }) => JSON.parse(sent).type)).toEqual([
      "subscribed",
      "orderbook_delta",
      "orderbook_delta",
    ]);
  });

  const raw = (nanos: string, type: string, seq: string, msg: string) =>
    `{"recv_ns":${nanos},"type":"${type}","seq":${seq},"market":"KXA-1","trust":"cold","msg":${msg}}`;

  it("rebuilds the envelope with the sid of the channel's subscription, to the microsecond", () => {
    const { frames, connections, rejects } = read("kalshi-ws", [
      raw("1778679193583657984", "watch_market", "null", '{"market_ticker":"KXA-1"}'),
      raw("1778679193742844160", "ws_connected", "null", '{"market_ticker":"KXA-1"}'),
      raw(
        "1778679193787173888",
        "ws_subscribed",
        "null",
        '{"id":1,"msg":{"channel":"orderbook_delta","sid":2},"type":"subscribed"}',
      ),
      raw("1778679193788176128", "orderbook_snapshot", "1", '{"market_ticker":"KXA-1"}'),
    ]);
    expect(connections[0]).toEqual({ connection: 0, state: "opened", at: 1_778_679_193_742_844 });
    expect(frames.at(-1)).toEqual({
      connection: 0,
      recvAt: 1_778_679_193_788_176,
      text: '{"type":"orderbook_snapshot","sid":2,"seq":1,"msg":{"market_ticker":"KXA-1"}}',
    });
    expect(rejects).toEqual([]);
  });

  it("refuses a message whose subscription was not recorded", () => {
    const { frames, rejects } = read("kalshi-ws", [raw("1778679193788176128", "trade", "1", "{}")]);
    expect(frames).toEqual([]);
    expect(rejects).toMatchObject([{ reason: "import.bad_line" }]);
  });
});

describe("every reader", () => {
  const junk = [
    "",
    "x",
    "{",
    "[]",
    "null",
    "{}",
    '{"recv_ms":',
    '{"recv_ns":1}',
    "\u0000",
    "a,b,c",
    '{"frames":5}',
    '"é"',
  ];

  it.each(kalshi.recordings.map(({ id }) => id))("%s refuses every foreign line with a reason", (id) => {
    for (const line of junk) {
      const recording = read(id, [line]);
      expect(recording.rejects.length, line).toBeGreaterThan(0);
      expect(recording.env.sink.records).toEqual([]);
    }
  });
});

describe("polls", () => {
  it("an order book over REST is a poll snapshot; null sides are empty", () => {
    const body = '{"ticker":"KXA-1","orderbook_fp":{"yes_dollars":[["0.1000","3.00"]],"no_dollars":null}}';
    const recording = read("kalshi-rest-orderbooks", [body], { at: "2026-08-09T07:17:29Z" });
    expect(kinds(recording)).toEqual([
      ...["market.instruments", "stream.opened", "SNAPSHOT_BEGIN", "SNAPSHOT_LEVEL", "SNAPSHOT_END"],
    ]);
  });

  it("a top with a size of zero is an empty side whatever price stands there", () => {
    const market = {
      ...{ ticker: "KXA-1", event_ticker: "KXA", status: "active", volume_fp: "0.00" },
      ...{
        yes_bid_dollars: "0.0000",
        yes_bid_size_fp: "0.00",
        yes_ask_dollars: "0.0100",
        yes_ask_size_fp: "5.00",
      },
    };
    const recording = read("kalshi-metadata", [JSON.stringify({ markets: [market] })]);
    const levels = recording.env.sink.records.filter(({ kind }) => kind === "SNAPSHOT_LEVEL");
    expect(levels).toMatchObject([{ side: 1, priceTicks: 100, lots: 500 }]);
  });

  it("float noise of a recorder is removed, anything more is refused", () => {
    const row = (ask: string) =>
      `{"ts":1783103757843,"ticker":"KXA-1","yes_bid":null,"yes_ask":${ask},"yes_bid_sz":null,"yes_ask_sz":"3.10"}`;
    const { env, rejects } = read("kalshi-bbo", [row("0.09999999999999432"), row("0.0951")]);
    expect(env.sink.records.filter(({ kind }) => kind === "SNAPSHOT_LEVEL")).toMatchObject([
      { side: 1, priceTicks: 10, lots: 310 },
    ]);
    expect(rejects).toMatchObject([{ reason: "wire.bad_number" }]);
  });
});

const shared = sharedDir();
const root = shared === null ? "" : join(shared, "data", "kalshi");

describe.skipIf(shared === null)("recorded polls (skipped without ../shared)", () => {
  it("Chicago's depth comes with the best quotes that contradict it, in order of time", () => {
    const folder = join(root, "kxhighchi_2026-02-12");
    const lines = readFileSync(join(folder, "orderbook_snapshots.csv"), "utf8").trimEnd().split("\n");
    const recording = read("kalshi-csv", lines, { best_quotes: join(folder, "market_snapshots.csv") });
    const { records, objects } = recording.env.sink;
    expect(recording.rejects).toEqual([]);
    expect(records.filter(({ kind }) => kind === "SNAPSHOT_LEVEL")).toHaveLength(1_245);
    expect(records.filter(({ kind }) => kind === "TOP_WITNESS")).toHaveLength(60);
    expect(records.every(({ recvAt }, i) => i === 0 || recvAt >= records[i - 1]!.recvAt)).toBe(true);
    const families = objects.flatMap((fact) => (fact.kind === "market.families" ? fact.families : []));
    expect(families).toMatchObject([{ exclusive: { label: "yes" }, exhaustive: { label: "yes" } }]);
  });

  it("the whole captured stream is one judged subscription with 269 frames", () => {
    const document = gunzipSync(
      readFileSync(join(root, "rest_ws_captures_2026-08", "ws_orderbook_stream.json.gz")),
    );
    const { frames, env } = read("kalshi-ws-document", [document.toString("utf8")]);
    expect(frames).toHaveLength(269);
    const mapper = kalshi.createMapper(env);
    for (const { connection, recvAt, text: sent } of frames) {
      const bytes = text(sent);
      mapper.frame(connection, recvAt, bytes, 0, bytes.length);
    }
    const numbers = [...new Set(env.sink.records.map(({ venueSeq }) => venueSeq))];
    expect(numbers).toEqual(Array.from({ length: 268 }, (_, i) => i + 1));
    expect(env.sink.objects).toContainEqual(expect.objectContaining({ kind: "stream.opened", judged: true }));
  });
});
