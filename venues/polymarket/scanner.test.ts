import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Micros } from "../../src/contracts/index.ts";
import { memoryEnv } from "../../tests/memory-sink.ts";
import { sharedDir } from "../../tests/shared.ts";
import { PolymarketMapper } from "./mapper.ts";
import { Oracle } from "./oracle.ts";
import { SCALES } from "./scales.ts";
import { Scanner } from "./scanner.ts";
import { TokenCache } from "./token-cache.ts";
import { Event, WireFrame } from "./wire-frame.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const FUZZ = Number(process.env["EMP_FUZZ"] ?? 20_000);
const shared = sharedDir();

const tokens = new TokenCache();
const scannerFrame = new WireFrame();
const scanner = new Scanner(scannerFrame, tokens);
const oracleFrame = new WireFrame();
const oracle = new Oracle(oracleFrame);

/** A frame spread out; columns an event kind does not use are left out. */
function spread(frame: WireFrame): unknown[] {
  const symbol = (index: number): string | null =>
    index === -1
      ? null
      : DECODER.decode(frame.bytes.subarray(frame.symbolStart[index], frame.symbolEnd[index]));
  return Array.from({ length: frame.eventCount }, (_, event) => {
    const first = frame.eventFirst[event]!;
    const book = frame.kinds[event] === Event.BOOK;
    return {
      kind: frame.kinds[event],
      symbol: symbol(frame.eventSymbol[event]!),
      at: frame.eventAt[event],
      state: frame.state[event],
      ops: Array.from({ length: frame.eventLimit(event) - first }, (_, i) => {
        const op = first + i;
        const level = [frame.opSide[op], frame.opTicks[op], frame.opLots[op]];
        return book ? level : [symbol(frame.opSymbol[op]!), ...level, frame.opTopBid[op], frame.opTopAsk[op]];
      }),
    };
  });
}

function ownFrames(): string[] {
  const text = readFileSync(new URL("fixtures/frames.json", import.meta.url), "utf8");
  return (JSON.parse(text) as unknown[]).map((frame) => JSON.stringify(frame));
}

function recordedFrames(root: string): string[] {
  const data = join(root, "data");
  const lines = ["book", "trade"].flatMap((kind) =>
    readFileSync(join(data, `polymarket/ws_message_samples/ssmd_polymarket_${kind}.jsonl`), "utf8")
      .trim()
      .split("\n"),
  );
  const tardis = JSON.parse(
    readFileSync(join(data, "samples/polymarket/tardis/polymarket_ws_messages.json"), "utf8"),
  ) as unknown[];
  const single = [
    "nautilus_py_ws/book.json",
    "nautilus_py_ws/last_trade_price.json",
    "nautilus_py_ws/price_change.json",
    "nautilus_py_ws/price_change_v2.json",
    "nautilus_py_ws/tick_size_change.json",
    ...["best_bid_ask", "book", "last_trade", "new_market", "price_change", "resolved", "tick_size"].map(
      (name) => `nautilus_crates/ws_market_${name}_msg.json`,
    ),
    ...[
      "best_bid_ask",
      "book",
      "last_trade_price",
      "market_resolved",
      "new_market",
      "price_change",
      "tick_size_change",
    ].map((name) => `doc_ws/${name}.json`),
  ].map((name) => readFileSync(join(data, "samples/polymarket", name), "utf8"));
  const compact = [...tardis, ...single.map((text) => JSON.parse(text) as unknown)].map((x) =>
    JSON.stringify(x),
  );
  return [...lines, ...compact, ...single];
}

/** Reads a frame both ways; true when the scanner understood it. */
function agree(bytes: Uint8Array): boolean {
  const refusal = oracle.read(bytes, 0, bytes.length);
  if (!scanner.scan(bytes, 0, bytes.length)) return false;
  const text = DECODER.decode(bytes);
  expect(refusal, text).toBeNull();
  expect(spread(scannerFrame), text).toEqual(spread(oracleFrame));
  remember(scannerFrame);
  return true;
}

/** Tokens become known as a mapper would make them, up to a bound: later frames meet known and unknown ones. */
function remember(frame: WireFrame): void {
  for (let i = 0; i < frame.symbolCount && tokens.count < 500; i++) {
    if (frame.symbolToken[i] === -1) tokens.add(frame.bytes, frame.symbolStart[i]!, frame.symbolEnd[i]!);
  }
}

/** mulberry32. */
function chance(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 4_294_967_296) * bound);
  };
}

const FRAGMENTS = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "0",
  "-1",
  "1e3",
  "null",
  "true",
  "0.5",
  '"price":"0.3",',
  '"side":"BUY"',
  " ",
  "\n",
  "\u00e9",
  ',"x":1',
  '"asset_id":"7",',
  "00",
  ".",
  '"timestamp":"1778481009999",',
];
const VALUE = /"(?:[^"\\]|\\.)*"|-?\d+|true|false|null/g;

function mutate(text: string, int: (bound: number) => number): Uint8Array {
  const at = int(text.length);
  switch (int(7)) {
    case 0: {
      const bytes = ENCODER.encode(text);
      bytes[int(bytes.length)]! ^= 1 << int(8);
      return bytes;
    }
    case 1:
      return ENCODER.encode(text.slice(0, at));
    case 2: {
      const end = Math.min(text.length, at + 1 + int(60));
      return ENCODER.encode(text.slice(0, end) + text.slice(at));
    }
    case 3:
      return ENCODER.encode(text.slice(0, at) + FRAGMENTS[int(FRAGMENTS.length)]! + text.slice(at));
    case 4:
      return ENCODER.encode(text.slice(0, at) + text.slice(at + 1 + int(12)));
    case 5: {
      const values = [...text.matchAll(VALUE)];
      const [a, b] = [values[int(values.length)]!, values[int(values.length)]!].sort(
        (x, y) => x.index - y.index,
      );
      if (a === undefined || b === undefined || a.index === b.index) return ENCODER.encode(text);
      return ENCODER.encode(
        text.slice(0, a.index) +
          b[0] +
          text.slice(a.index + a[0].length, b.index) +
          a[0] +
          text.slice(b.index + b[0].length),
      );
    }
    default: {
      const bytes = ENCODER.encode(text);
      const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 0x30 && bytes[i]! <= 0x39);
      const digit = digits[int(digits.length)];
      if (digit !== undefined) bytes[digit] = 0x30 + int(10);
      return bytes;
    }
  }
}

function fuzz(frames: readonly string[], count: number, seed: number): { readonly understood: number } {
  const int = chance(seed);
  let understood = 0;
  const env = memoryEnv("polymarket", SCALES, { maxBooks: 1000 });
  const mapper = new PolymarketMapper(env);
  for (let i = 0; i < count; i++) {
    let bytes = mutate(frames[int(frames.length)]!, int);
    if (int(4) === 0 && bytes.length > 0) bytes = mutate(DECODER.decode(bytes), int);
    if (agree(bytes)) understood++;
    if (i % 8 === 0) {
      env.sink.clear();
      mapper.frame(0, (1_778_480_000_000_000 + i) as Micros, bytes, 0, bytes.length);
      expect(env.sink.entries.length).toBeGreaterThan(0);
    }
  }
  return { understood };
}

describe("scanner and oracle", () => {
  it("read every message of our own fixtures alike, the hot ones by the scanner", () => {
    const understood = ownFrames().map((text) => agree(ENCODER.encode(text)));
    expect(understood).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("never differ on mutated messages", () => {
    const { understood } = fuzz(ownFrames(), FUZZ / 2, 1);
    expect(understood).toBeGreaterThan(FUZZ / 100);
  });

  it("read the best prices of a token alike when they repeat and when they change", () => {
    const item = (token: string, top: string): string =>
      `{"asset_id":"${token}","price":"0.5","size":"10","side":"BUY","hash":"${"a".repeat(40)}",${top}}`;
    const top = (bid: string, ask: string): string => `"best_bid":"${bid}","best_ask":"${ask}"`;
    const tops = [top("0.48", "0.51"), top("0.48", "0.52"), top("0.47", "0.52"), top("0", "1"), top("", "")];
    const spoilt = [
      top("0.48", "0.5x"),
      `${top("0.48", "0.51")},"best_ask":"0.51"`,
      `${top("0.48", "0.51")}}`,
    ];
    const token = "5".repeat(77);
    for (const first of [...tops, ...spoilt]) {
      for (const second of [...tops, ...spoilt]) {
        const items = [item(token, first), item("6".repeat(76), first), item(token, second)].join(",");
        const text = `{"market":"0x${"ab".repeat(32)}","price_changes":[${items}],"timestamp":"1778480999942","event_type":"price_change"}`;
        expect(agree(ENCODER.encode(text))).toBe(!spoilt.includes(first) && !spoilt.includes(second));
      }
    }
  });

  it("read a frame inside a larger buffer by its bounds only", () => {
    const text = ownFrames()[2]!;
    const bytes = ENCODER.encode(`  ${text}  ${text}`);
    expect(scanner.scan(bytes, 2, 2 + text.length)).toBe(true);
    expect(scanner.scan(bytes, 2, 1 + text.length)).toBe(false);
    expect(scanner.scan(bytes, 2, bytes.length)).toBe(false);
  });
});

describe.skipIf(shared === null)("scanner and oracle on recordings (skipped without ../shared)", () => {
  it("read every recorded message alike", () => {
    const frames = recordedFrames(shared!);
    const understood = frames.filter((text) => agree(ENCODER.encode(text))).length;
    expect({ frames: frames.length, understood }).toEqual({ frames: 72, understood: 48 });
  });

  it("never differ on mutated recordings", () => {
    const { understood } = fuzz(recordedFrames(shared!), FUZZ / 2, 2);
    expect(understood).toBeGreaterThan(FUZZ / 100);
  });
});
