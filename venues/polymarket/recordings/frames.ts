import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";
import { equals } from "../bytes.ts";
import { parseInstant } from "../instant.ts";
import { readJson } from "../json.ts";
import { ascii } from "../literal.ts";

const ENCODER = new TextEncoder();
const KEEP_ALIVES = [ascii("PING"), ascii("PONG")];
/** Names under which recorders keep their receive time and the frame they received. */
const TIME_KEYS = [
  "recvAt",
  "recv_at",
  "recv",
  "recv_ts",
  "recv_time",
  "received_at",
  "receivedAt",
  "local_timestamp",
  "ts",
];
const FRAME_KEYS = ["event", "frame", "message", "msg", "data", "raw", "payload"];
const CONNECTION = 0;

/** Market-channel frames, one a line: bare, or wrapped with their receive time. */
export const framesReader: RecordingReader = {
  id: "polymarket-ws",
  about: "market-channel frames, one a line, bare or as {recv…, event}",
  unit: "line",
  open: (sink) => new FramesSession(sink),
};

/** A JSON document that holds one frame or an array of frames. */
export const framesDocumentReader: RecordingReader = {
  id: "polymarket-ws-document",
  about: "market-channel frames in one JSON document: one frame, or an array of them",
  unit: "document",
  open: (sink) => new FramesSession(sink, true),
};

interface Wrapped {
  readonly recvAt: Micros | null;
  readonly frame: unknown;
}

class FramesSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #document: boolean;
  #at = 0;
  #opened = false;

  constructor(sink: RecordingSink, document = false) {
    this.#sink = sink;
    this.#document = document;
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    if (KEEP_ALIVES.some((word) => equals(bytes, start, end, word))) {
      this.#frame(this.#at as Micros, bytes, start, end);
      return;
    }
    const json = readJson(bytes, start, end);
    if (typeof json === "string") {
      this.#sink.reject("import.bad_line", json);
      return;
    }
    const { value } = json;
    if (this.#document && Array.isArray(value)) {
      for (const item of value) this.#rebuilt(item);
    } else if (!this.#document && isFrame(value)) {
      this.#frame(this.#time(null, value), bytes, start, end);
    } else this.#rebuilt(value);
  }

  /** A frame whose bytes the recording changed or wrapped: written out again, compact. */
  #rebuilt(value: unknown): void {
    const { recvAt, frame } = unwrap(value);
    const named = withEventType(frame);
    if (named === null) {
      this.#sink.reject("import.foreign", "no market-channel message");
      return;
    }
    const bytes = ENCODER.encode(JSON.stringify(named));
    this.#frame(this.#time(recvAt, named), bytes, 0, bytes.length);
  }

  #frame(at: Micros, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#opened) {
      this.#opened = true;
      this.#sink.connection(CONNECTION, "opened", at);
    }
    this.#sink.frame(CONNECTION, at, bytes, start, end);
  }

  /** The recorder's receive time, else the venue's own; never backwards. */
  #time(recvAt: Micros | null, frame: unknown): Micros {
    this.#at = Math.max(this.#at, recvAt ?? venueTime(frame));
    return this.#at as Micros;
  }

  end(): void {
    if (this.#opened) this.#sink.connection(CONNECTION, "lost", this.#at as Micros);
  }
}

function isMessage(value: unknown): value is { readonly event_type: string; readonly timestamp?: unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    "event_type" in value &&
    typeof value.event_type === "string"
  );
}

function isFrame(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(isMessage) : isMessage(value);
}

/** The frame as the socket would have brought it: a REST book gets the type its channel would give it. */
function withEventType(value: unknown): object | null {
  if (isFrame(value)) return value as object;
  if (typeof value !== "object" || value === null || !("bids" in value && "asks" in value)) return null;
  return { event_type: "book", ...value };
}

function unwrap(value: unknown): Wrapped {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isMessage(value)) {
    return { recvAt: null, frame: value };
  }
  const wrapper = value as Readonly<Record<string, unknown>>;
  const inner = FRAME_KEYS.map((key) => wrapper[key]).find((item) => withEventType(item) !== null);
  if (inner === undefined) return { recvAt: null, frame: value };
  const time = TIME_KEYS.map((key) => instant(wrapper[key])).find((at) => at !== null);
  return { recvAt: time ?? null, frame: inner };
}

/** Seconds, milli-, micro- or nanoseconds by magnitude, or an ISO instant. */
function instant(value: unknown): Micros | null {
  if (typeof value === "string" && /^\d+$/.test(value)) return instant(Number(value));
  if (typeof value === "string") return parseInstant(value);
  if (typeof value !== "number" || !(value > 1e9)) return null;
  const scale = [1e6, 1e3, 1, 1e-3].find((factor) => value * factor < 1e16);
  return scale === undefined ? null : (Math.floor(value * scale) as Micros);
}

/** Latest venue timestamp within a frame, 0 when it states none. */
function venueTime(frame: unknown): number {
  const messages: readonly unknown[] = Array.isArray(frame) ? frame : [frame];
  let latest = 0;
  for (const message of messages) {
    const at = isMessage(message) ? instant(message.timestamp) : null;
    if (at !== null && at > latest) latest = at;
  }
  return latest;
}
