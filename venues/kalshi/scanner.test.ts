import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BID } from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv, memoryRecording } from "../../tests/memory-sink.ts";
import { sharedDir } from "../../tests/shared.ts";
import { encodeDelta } from "./encode.ts";
import { KalshiMapper } from "./mapper.ts";
import { KALSHI_SCALES } from "./scales.ts";
import { FrameScanner, Scanned } from "./scanner.ts";
import { sampleFrames, text } from "./testing/frames.ts";
import { mutate, seededInt } from "./testing/mutate.ts";
import { kalshi } from "./venue.ts";

const FUZZ = Number(process.env["EMP_FUZZ"] ?? 20_000);
const FULL = process.env["EMP_FULL"] === "1";
const MAX_BOOKS = 2_000;

/** The same frames through two mappers: one with the scanner, one that asks the oracle for everything. */
class Pair {
  readonly #fastEnv: MemoryEnv = memoryEnv("kalshi", KALSHI_SCALES, { maxBooks: MAX_BOOKS });
  readonly #slowEnv: MemoryEnv = memoryEnv("kalshi", KALSHI_SCALES, { maxBooks: MAX_BOOKS });
  readonly #fast = new KalshiMapper(this.#fastEnv);
  readonly #slow = new KalshiMapper(this.#slowEnv, false);

  /** True when both said the same, value by value (0 and -0 differ here). */
  agree(frame: Uint8Array, start = 0, end = frame.length): boolean {
    this.#fastEnv.sink.clear();
    this.#slowEnv.sink.clear();
    this.#fast.frame(0, 1, frame, start, end);
    this.#slow.frame(0, 1, frame, start, end);
    return same(this.#fastEnv.sink.entries, this.#slowEnv.sink.entries);
  }

  /** Facts of the last frame. */
  get facts(): number {
    return this.#fastEnv.sink.entries.length;
  }
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

const shared = sharedDir();

function recordings(): string[] {
  if (shared === null) return [];
  const root = join(shared, "data", "kalshi");
  const btc = readdirSync(join(root, "btc15m_ws_2026-05")).map((file) =>
    join(root, "btc15m_ws_2026-05", file),
  );
  const events = join(root, "gold15m_2026-08", "events");
  const gold = readdirSync(events).flatMap((window) =>
    readdirSync(join(events, window)).map((file) => join(events, window, file)),
  );
  return FULL ? [...btc, ...gold] : [btc[0]!, gold[0]!];
}

/** Frames of one recording as the reader hands them over. */
function framesOf(file: string, limit = Number.POSITIVE_INFINITY): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const sink = memoryRecording(memoryEnv("kalshi", KALSHI_SCALES));
  const reader = kalshi.recordings.find(({ id }) => id === "kalshi-ws")!;
  const session = reader.open(
    { ...sink, frame: (_connection, _at, bytes, start, end) => frames.push(bytes.slice(start, end)) },
    {},
  );
  const bytes = gunzipSync(readFileSync(file));
  for (let start = 0; start < bytes.length && frames.length < limit; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    session.accept(bytes, start, end);
    start = end + 1;
  }
  return frames;
}

describe("scanner and oracle", () => {
  it("read every kind of frame alike", () => {
    const pair = new Pair();
    for (const frame of sampleFrames()) expect(pair.agree(frame), new TextDecoder().decode(frame)).toBe(true);
  });

  it("read a frame inside a larger buffer without looking beyond its end", () => {
    const pair = new Pair();
    for (const frame of sampleFrames()) {
      const padded = new Uint8Array(frame.length + 64).fill(0x7d);
      padded.set(frame, 3);
      expect(pair.agree(padded, 3, 3 + frame.length)).toBe(true);
      expect(pair.agree(padded, 3, 2 + frame.length)).toBe(true);
      expect(pair.agree(padded, 3, 4 + frame.length)).toBe(true);
    }
  });

  it("the scanner itself reads the hot shapes", () => {
    const scanner = new FrameScanner();
    const kinds = sampleFrames().map((frame) => scanner.scan(frame, 0, frame.length));
    const { delta, snapshot, trade, quiet, unknown } = Scanned;
    expect(kinds).toEqual([
      ...[snapshot, snapshot, snapshot, delta, delta, trade],
      ...[unknown, unknown, unknown, unknown, unknown, unknown],
      ...[delta, quiet],
    ]);
  });

  it.each([
    ["a repeated key that is read", '"side":"yes","side":"no"'],
    ["a repeated key that is not read", '"side":"yes","x":1,"x":1'],
    ["an escape in a key", '"s\\u0069de":"yes"'],
    ["an exponent in a skipped number", '"side":"yes","x":1e3'],
    ["a leading zero in a skipped number", '"side":"yes","x":01'],
    ["a blank between fields", '"side":"yes" , "x":1'],
    ["a skipped value nested deeper than the scanner goes", '"side":"yes","x":[[[[[[1]]]]]]'],
    ["text beyond ASCII in a skipped string", '"side":"yes","x":"é"'],
    ["a control character in a skipped string", '"side":"yes","x":"\u0001"'],
  ])("agree on %s", (_name, fields) => {
    const frame = text(
      `{"type":"orderbook_delta","sid":1,"seq":4,"msg":{"market_ticker":"KXA-1","price_dollars":"0.4800","delta_fp":"1.00",${fields},"ts_ms":5}}`,
    );
    expect(new Pair().agree(frame)).toBe(true);
  });

  it("do not take a field twice when another layout put the market's names elsewhere", () => {
    const pair = new Pair();
    const names = ['"market_ticker":"KXA-26NOV21-T50"', '"market_id":"31185e50-0db4-4c57-b95d-0123f5c07ec8"'];
    const frame = (...fields: string[]): Uint8Array =>
      text(
        `{"type":"orderbook_delta","sid":1,"seq":4,"msg":{${fields.join(",")},"delta_fp":"1.00","side":"no","ts_ms":1786410915646}}`,
      );
    const price = '"price_dollars":"0.4800"';
    for (let i = 0; i < 40; i++) expect(pair.agree(frame(...names, price))).toBe(true);
    for (let i = 0; i < 40; i++) expect(pair.agree(frame(names[0]!, price, names[1]!))).toBe(true);
    expect(pair.agree(frame(...names, price, names[1]!))).toBe(true);
    expect(pair.agree(frame(...names, price))).toBe(true);
  });

  it("keep the books of more markets apart than are remembered", () => {
    const pair = new Pair();
    const int = seededInt(7);
    for (let i = 0; i < 20_000; i++) {
      const symbol = `KXMANY-26NOV21-T${int(1_900)}`;
      const frame = encodeDelta({
        sid: 1,
        seq: i + 1,
        symbol,
        side: BID,
        ticks: 4_800,
        lots: 100,
        venueAt: 1_786_410_915_566_273,
      });
      if (!pair.agree(frame)) expect.unreachable(`they differ on: ${new TextDecoder().decode(frame)}`);
    }
  });

  it(`never differ on damaged frames (${FUZZ} of them)`, { timeout: 600_000 }, () => {
    const int = seededInt(20_261_121);
    const corpus = [...sampleFrames(), ...recordings().flatMap((file) => framesOf(file, 400))];
    const scanner = new FrameScanner();
    let pair = new Pair();
    let read = 0;
    for (let i = 0; i < FUZZ; i++) {
      if (i % 5_000 === 0) pair = new Pair();
      const frame = mutate(corpus[int(corpus.length)]!, int);
      if (scanner.scan(frame, 0, frame.length) !== Scanned.unknown) read++;
      if (!pair.agree(frame)) expect.unreachable(`they differ on: ${new TextDecoder().decode(frame)}`);
    }
    // A share of the damage must get past the scanner, else nothing was compared.
    expect(read).toBeGreaterThan(FUZZ / 50);
  });
});

describe.skipIf(shared === null)("scanner and oracle on recordings (skipped without ../shared)", () => {
  it.each(recordings().map((file) => [basename(dirname(file)), basename(file), file] as const))(
    "read every message of %s %s alike",
    { timeout: 600_000 },
    (_folder, _name, file) => {
      const pair = new Pair();
      const scanner = new FrameScanner();
      const frames = framesOf(file);
      let scanned = 0;
      for (const frame of frames) {
        if (!pair.agree(frame)) expect.unreachable(`they differ on: ${new TextDecoder().decode(frame)}`);
        if (scanner.scan(frame, 0, frame.length) !== Scanned.unknown) scanned++;
      }
      expect(frames.length).toBeGreaterThan(0);
      // Subscription replies are all that the scanner leaves to the oracle.
      expect(frames.length - scanned).toBeLessThanOrEqual(8);
    },
  );
});
