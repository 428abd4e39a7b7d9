import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ASK, BID, FLAG_FRAME_END, FLAG_POLL } from "../../../src/contracts/index.ts";
import { type MemoryRecording, memoryEnv, memoryRecording } from "../../../tests/memory-sink.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { polymarket } from "../venue.ts";

const shared = sharedDir();
const ENCODER = new TextEncoder();

/** Reads a whole file with one reader; frames go on to the mapper. */
function read(
  id: string,
  content: string | Uint8Array,
  options: Record<string, string> = {},
): MemoryRecording {
  const env = memoryEnv("polymarket", polymarket.scales);
  const recording = memoryRecording(env);
  const mapper = polymarket.createMapper(env);
  const reader = polymarket.recordings.find((one) => one.id === id)!;
  const session = reader.open(
    {
      ...recording,
      frame(connection, at, bytes, start, end) {
        recording.frame(connection, at, bytes, start, end);
        mapper.frame(connection, at, bytes, start, end);
      },
      connection: (connection, state, at) => mapper.connection(connection, state, at),
    },
    options,
  );
  const bytes = typeof content === "string" ? ENCODER.encode(content) : content;
  if (reader.unit === "document") session.accept(bytes, 0, bytes.length);
  else {
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline === -1 ? bytes.length : newline;
      session.accept(bytes, start, end);
      start = end + 1;
    }
  }
  session.end();
  return recording;
}

const count = ({ env }: MemoryRecording, kind: string): number =>
  env.sink.records.filter((r) => r.kind === kind).length;
const why = ({ env }: MemoryRecording): string | undefined =>
  env.sink.objects.flatMap((o) => (o.kind === "stream.opened" ? [o.why] : []))[0];

const BOOK = {
  event_type: "book",
  market: "0x1",
  asset_id: "7",
  timestamp: "1778480069765",
  bids: [],
  asks: [],
};

describe("frames", () => {
  it("pass verbatim, bare or in arrays, at the venue's own time", () => {
    const line = JSON.stringify([BOOK]);
    const { frames } = read("polymarket-ws", `${JSON.stringify(BOOK)}\n${line}\nPONG\n`);
    expect(frames.map((f) => f.text)).toEqual([JSON.stringify(BOOK), line, "PONG"]);
    expect(frames.map((f) => f.recvAt)).toEqual([
      1_778_480_069_765_000, 1_778_480_069_765_000, 1_778_480_069_765_000,
    ]);
  });

  it("come out of a recorder's wrapper with its receive time, which never goes back", () => {
    const wrapped = (time: object) => JSON.stringify({ ...time, event: BOOK });
    const { frames } = read(
      "polymarket-ws",
      [
        wrapped({ recv_ts: 1_778_480_070.5 }),
        wrapped({ recvAt: "2026-05-11T06:14:31Z" }),
        wrapped({ ts: 1_778_480_069_000 }),
      ].join("\n"),
    );
    expect(frames.map((f) => f.recvAt)).toEqual([
      1_778_480_070_500_000, 1_778_480_071_000_000, 1_778_480_071_000_000,
    ]);
  });

  it("of a REST book get the type their channel would give them", () => {
    const { event_type: _, ...rest } = BOOK;
    const recording = read("polymarket-ws-document", JSON.stringify(rest, null, 2));
    expect(recording.frames[0]?.text).toBe(JSON.stringify(BOOK));
    expect(count(recording, "SNAPSHOT_END")).toBe(1);
  });
});

const CAPTURE = {
  _meta: { source: "polymarket", fetched_at_utc: "2026-06-22T00:01:11.134119+00:00" },
  gamma_events: [
    {
      id: "9",
      title: "How warm?",
      negRisk: false,
      markets: [0, 1].map((i) => ({
        id: String(i),
        conditionId: `0x${i}`,
        question: `Will it be ${i}?`,
        clobTokenIds: `["1${i}", "2${i}"]`,
        outcomes: '["Yes", "No"]',
        orderPriceMinTickSize: 0.001,
        orderMinSize: 15,
      })),
    },
  ],
  clob_quotes: { "10": { price_buy: { price: "0.002" }, price_sell: { price: "0.007" } } },
};

describe("weather captures", () => {
  it("quote the bid as price_buy and the ask as price_sell, at an assumed size that is said", () => {
    const recording = read("polymarket-weather", JSON.stringify(CAPTURE));
    const { records } = recording.env.sink;
    expect(records.map((r) => [r.kind, r.side, r.priceTicks, r.lots])).toEqual([
      ["SNAPSHOT_BEGIN", BID, 0, -1],
      ["SNAPSHOT_LEVEL", BID, 20, 15_000_000],
      ["SNAPSHOT_LEVEL", ASK, 70, 15_000_000],
      ["SNAPSHOT_END", BID, 0, -1],
      ["INVALID", BID, 50, -1],
    ]);
    expect(records.map((r) => r.flags)).toEqual([
      FLAG_POLL,
      FLAG_POLL,
      FLAG_POLL,
      FLAG_POLL,
      FLAG_POLL | FLAG_FRAME_END,
    ]);
    expect(records[0]?.recvAt).toBe(1_782_086_471_134_119);
    expect(why(recording)).toContain("every level is assumed to hold the market's minimum order");
    const sized = read("polymarket-weather", JSON.stringify(CAPTURE), { "assume-size": "100" });
    expect(sized.env.sink.records[1]?.lots).toBe(100_000_000);
    expect(why(sized)).toContain("100 shares");
  });

  it("announce families and instruments once, not with every capture", () => {
    const { env } = read("polymarket-weather", `${JSON.stringify(CAPTURE)}\n${JSON.stringify(CAPTURE)}`);
    expect(env.sink.objects.filter((o) => o.kind === "market.families")).toHaveLength(1);
    expect(env.sink.objects.filter((o) => o.kind === "market.instruments")).toHaveLength(2);
  });

  it("treat zero as an empty side and refuse what is no price", () => {
    const quoted = (buy: string, sell: string) => ({
      ...CAPTURE,
      clob_quotes: { "10": { price_buy: { price: buy }, price_sell: { price: sell } } },
    });
    expect(count(read("polymarket-weather", JSON.stringify(quoted("0", "0.5"))), "SNAPSHOT_LEVEL")).toBe(1);
    const bad = read("polymarket-weather", JSON.stringify(quoted("abc", "0.5")));
    expect([count(bad, "SNAPSHOT_BEGIN"), count(bad, "REJECT"), count(bad, "INVALID")]).toEqual([0, 1, 2]);
  });
});

describe("foreign files", () => {
  const foreign = [
    '{"type":"ticker","sid":1}',
    "not json",
    "\u0000\u0001",
    "a,b,c",
    "[1,2]",
    "null",
    '{"markets":7}',
  ];

  it.each(polymarket.recordings.map((reader) => reader.id))("are rejected line by line by %s", (id) => {
    for (const line of foreign) {
      const recording = read(id, line, { at: "2026-07-05" });
      expect(recording.rejects.length, line).toBeGreaterThan(0);
      expect(recording.env.sink.entries, line).toEqual([]);
    }
  });

  it("and unusable options are said, not guessed", () => {
    expect(read("polymarket-weather", "{}", { "assume-size": "-1" }).rejects[0]?.detail).toContain(
      "assume-size",
    );
    expect(read("polymarket-weather-csv", "event_id").rejects[0]?.detail).toContain("option at is required");
  });
});

describe.skipIf(shared === null)("recordings (skipped without ../shared)", () => {
  const file = (name: string): Uint8Array => {
    const bytes = readFileSync(join(shared!, "data", name));
    return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  };

  it("of a weather day give a book a bucket and a family an event", () => {
    const recording = read(
      "polymarket-weather",
      file("polymarket/weather_negrisk_2026-06_07/2026-06-22.ndjson.gz"),
    );
    expect(recording.rejects).toEqual([]);
    expect(count(recording, "SNAPSHOT_END")).toBe(825);
    const objects = recording.env.sink.objects;
    expect(objects.filter((o) => o.kind === "market.families")).toHaveLength(12);
    expect(recording.env.symbols.instruments).toHaveLength(132);
  });

  it("of the Asian weather table give 31 unlabelled families of 11", () => {
    const recording = read(
      "polymarket-weather-csv",
      file("polymarket/weather_asia_bbo_2026-07/polymarket_asia_markets_snapshot.csv"),
      {
        at: "2026-07-05T00:00:00Z",
      },
    );
    expect(recording.rejects).toEqual([]);
    const families = recording.env.sink.objects.flatMap((o) =>
      o.kind === "market.families" ? o.families : [],
    );
    expect(families.map((f) => f.members.length)).toEqual(Array.from({ length: 31 }, () => 11));
  });

  it("of the websocket give their books, prints and changes", () => {
    const lines = read("polymarket-ws", file("polymarket/ws_message_samples/ssmd_polymarket_book.jsonl"));
    expect([lines.rejects.length, count(lines, "SNAPSHOT_END")]).toEqual([0, 10]);
    const tardis = read(
      "polymarket-ws-document",
      file("samples/polymarket/tardis/polymarket_ws_messages.json"),
    );
    expect(["SNAPSHOT_END", "LEVEL_SET", "TOP_WITNESS", "TRADE"].map((kind) => count(tardis, kind))).toEqual([
      3, 5, 12, 2,
    ]);
    expect(tardis.rejects.map((r) => r.reason)).toEqual(["import.foreign", "import.foreign"]);
  });

  it("of Gamma's catalogue of 2024 give every event as a family", () => {
    const recording = read(
      "polymarket-gamma",
      file("polymarket/gamma_events_2024/events_multi_market.ndjson.gz"),
    );
    expect(recording.rejects).toEqual([]);
    expect(recording.env.sink.objects.filter((o) => o.kind === "market.families")).toHaveLength(1020);
  });
});
