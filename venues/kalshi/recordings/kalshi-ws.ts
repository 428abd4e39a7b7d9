import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";
import { ByteCursor, token } from "../byte-cursor.ts";

/** Recordings hold one connection at a time. */
const CONNECTION = 0;

const GOLD_HEAD = token('{"recv_ms":');
const GOLD_EVENT = token(',"event":');
const RAW_HEAD = token('{"recv_ns":');
const RAW_TYPE = token(',"type":"');
const RAW_SEQ = token('","seq":');
const RAW_NULL = token("null");
const RAW_MARKET = token(',"market":');
const RAW_TRUST = token(',"trust":');
const RAW_MSG = token(',"msg":');
const FRAME_HEAD = token('{"type":"');
const FRAME_SID = token('","sid":');
const FRAME_SEQ = token(',"seq":');
const CLOSE_BRACE = 0x7d;

/** Channel on which a message type travels, for recordings that kept the channel and dropped the sid. */
const CHANNEL_OF: Readonly<Record<string, string>> = {
  orderbook_delta: "orderbook_delta",
  orderbook_snapshot: "orderbook_delta",
  trade: "trade",
  ticker: "ticker",
};

/** Lines the recorder wrote about itself. */
const RECORDER_LINES: ReadonlySet<string> = new Set(["watch_market", "market_rotated"]);

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * Websocket recordings, one message per line:
 * `{"recv_ms":…,"event":{frame}}` holds the frame verbatim; `{"recv_ns":…,"type":…,"seq":…,"msg":{…}}` dropped the
 * envelope, which is rebuilt with the sid of the channel's subscription.
 */
export const kalshiWs: RecordingReader = {
  id: "kalshi-ws",
  about:
    "websocket messages with receive time, one per line (recv_ms + event, or recv_ns + type + seq + msg); judge=yes asserts that the file is a whole subscription",
  unit: "line",
  open: (sink, options) => new WsSession(sink, options["judge"] === "yes"),
};

class WsSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #assertWhole: boolean;
  readonly #cursor = new ByteCursor();
  readonly #lastSeq = new Map<number, number>();
  readonly #sidOf = new Map<string, number>();
  #opened = false;
  #lastAt = 0;

  constructor(sink: RecordingSink, assertWhole: boolean) {
    this.#sink = sink;
    this.#assertWhole = assertWhole;
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > this.#sink.env.maxFrameBytes) {
      this.#sink.reject("wire.too_large", `a line of ${end - start} bytes`);
      return;
    }
    const cursor = this.#cursor;
    cursor.open(bytes, start, end);
    if (cursor.token(GOLD_HEAD)) this.#verbatim(bytes, end);
    else if (cursor.token(RAW_HEAD)) this.#rebuilt(bytes, end);
    else this.#sink.reject("import.bad_line", "neither recv_ms nor recv_ns begins the line");
  }

  end(): void {
    if (this.#opened) this.#sink.connection(CONNECTION, "lost", this.#lastAt as Micros);
    this.#opened = false;
  }

  #verbatim(bytes: Uint8Array, end: number): void {
    const cursor = this.#cursor;
    const millis = cursor.uint();
    if (millis === -1 || !cursor.token(GOLD_EVENT) || bytes[end - 1] !== CLOSE_BRACE) {
      this.#sink.reject("import.bad_line", "expected recv_ms as a whole number, then event");
      return;
    }
    const at = millis * 1000;
    const from = cursor.at;
    this.#lastAt = at;
    this.#watchSequence(bytes, from, at);
    this.#sink.frame(CONNECTION, at, bytes, from, end - 1);
  }

  /**
   * Slices carry no connection events. Numbers of one subscription only rise on one connection, so a lower number
   * proves that the recorder had connected anew and that frames between were lost.
   */
  #watchSequence(bytes: Uint8Array, from: number, at: number): void {
    const cursor = this.#cursor;
    cursor.at = from;
    if (!this.#opened) this.#open(at);
    if (!cursor.token(FRAME_HEAD)) return;
    while (cursor.at < cursor.end && bytes[cursor.at] !== 0x22) cursor.at++;
    const typeEnd = cursor.at;
    if (!cursor.token(FRAME_SID)) return;
    const sid = cursor.uint();
    if (sid === -1 || !cursor.token(FRAME_SEQ)) return;
    const seq = cursor.uint();
    const last = this.#lastSeq.get(sid);
    if (last !== undefined && seq < last) this.#open(at);
    if (this.#assertWhole && !this.#lastSeq.has(sid)) {
      const type = DECODER.decode(bytes.subarray(from + FRAME_HEAD.length, typeEnd));
      this.#assertSubscribed(sid, CHANNEL_OF[type], at);
    }
    this.#lastSeq.set(sid, seq);
  }

  #open(at: number): void {
    if (this.#opened) this.#sink.connection(CONNECTION, "lost", at as Micros);
    this.#opened = true;
    this.#lastSeq.clear();
    this.#sidOf.clear();
    this.#sink.connection(CONNECTION, "opened", at as Micros);
  }

  /** The user vouches that the file holds the whole subscription: say so in the venue's own words. */
  #assertSubscribed(sid: number, channel: string | undefined, at: number): void {
    const msg = { channel: channel ?? "asserted", sid };
    const frame = ENCODER.encode(JSON.stringify({ type: "subscribed", id: 0, msg }));
    this.#sink.frame(CONNECTION, at, frame, 0, frame.length);
  }

  #rebuilt(bytes: Uint8Array, end: number): void {
    const line = this.#readRaw(bytes, end);
    if (line === null) {
      this.#sink.reject("import.bad_line", "expected recv_ns, type, seq, market, trust, msg");
      return;
    }
    const { at, type, seq, msgStart } = line;
    this.#lastAt = at;
    if (RECORDER_LINES.has(type)) return;
    if (type === "ws_connected") {
      this.#open(at);
      return;
    }
    if (type === "ws_subscribed") {
      this.#learnSid(bytes, msgStart, end - 1);
      this.#sink.frame(CONNECTION, at, bytes, msgStart, end - 1);
      return;
    }
    const sid = this.#sidOf.get(CHANNEL_OF[type] ?? type);
    if (sid === undefined) {
      this.#sink.reject("import.bad_line", `no subscription was recorded for ${type.slice(0, 40)}`);
      return;
    }
    const numbered = seq === null ? "" : `,"seq":${seq}`;
    const head = ENCODER.encode(`{"type":"${type}","sid":${sid}${numbered},"msg":`);
    const frame = new Uint8Array(head.length + end - msgStart);
    frame.set(head);
    frame.set(bytes.subarray(msgStart, end), head.length);
    this.#sink.frame(CONNECTION, at, frame, 0, frame.length);
  }

  #readRaw(
    bytes: Uint8Array,
    end: number,
  ): {
    readonly at: number;
    readonly type: string;
    readonly seq: number | null;
    readonly msgStart: number;
  } | null {
    const cursor = this.#cursor;
    const at = this.#nanosAsMicros();
    if (at === -1 || !cursor.token(RAW_TYPE)) return null;
    const typeStart = cursor.at;
    while (cursor.at < end && isWord(bytes[cursor.at]!)) cursor.at++;
    const type = DECODER.decode(bytes.subarray(typeStart, cursor.at));
    if (!cursor.token(RAW_SEQ)) return null;
    const seq = cursor.token(RAW_NULL) ? null : cursor.uint();
    if (seq === -1 || !cursor.token(RAW_MARKET) || !cursor.skipString()) return null;
    if (!cursor.token(RAW_TRUST) || !cursor.skipString() || !cursor.token(RAW_MSG)) return null;
    if (bytes[end - 1] !== CLOSE_BRACE) return null;
    return { at, type, seq, msgStart: cursor.at };
  }

  /** Nanoseconds do not fit a safe integer: the last three digits are dropped as text. */
  #nanosAsMicros(): number {
    const cursor = this.#cursor;
    const { bytes, at } = cursor;
    let digits = 0;
    let micros = 0;
    while (digits < 16 && bytes[at + digits]! >= 0x30 && bytes[at + digits]! <= 0x39) {
      micros = micros * 10 + bytes[at + digits]! - 0x30;
      digits++;
    }
    for (let i = 0; i < 3; i++)
      if (!(bytes[at + digits + i]! >= 0x30 && bytes[at + digits + i]! <= 0x39)) return -1;
    if (digits !== 16) return -1;
    cursor.at = at + 19;
    return micros;
  }

  /** `{"id":1,"msg":{"channel":"orderbook_delta","sid":2},"type":"subscribed"}` */
  #learnSid(bytes: Uint8Array, start: number, end: number): void {
    try {
      const frame = JSON.parse(DECODER.decode(bytes.subarray(start, end))) as {
        readonly msg?: { readonly channel?: unknown; readonly sid?: unknown };
      };
      const { channel, sid } = frame.msg ?? {};
      if (typeof channel === "string" && Number.isSafeInteger(sid)) this.#sidOf.set(channel, sid as number);
    } catch {
      this.#sink.reject("import.bad_line", "the subscription reply is not valid JSON");
    }
  }
}

function isWord(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || (byte >= 0x30 && byte <= 0x39);
}
