import { hash } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { machineMs } from "./ingest-clock.ts";
import { connections, FIRST_SEQ, type IngestVenue, tapeOf } from "./ingest-market.ts";

/**
 * The venues of `ingest.ts`, in a process of their own: one websocket server, each connection at `/<number>`. Messages
 * go round over the connections, at a stated rate whatever the reader does, every millisecond those that are due.
 * What a frame states of its instant and number is written anew each time; checksums too.
 */

export type SenderOrder =
  | { readonly kind: "run"; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: "stop" };

export type SenderAnswer =
  | { readonly kind: "listening"; readonly port: number }
  /** All connections are open and were sent so many frames each. */
  | { readonly kind: "opened"; readonly frames: readonly number[] }
  | SentReport;

export interface SentReport {
  readonly kind: "sent";
  /** For each connection, the machine's milliseconds at which each frame was handed to its socket. */
  readonly sentAtMs: readonly Float64Array[];
  /** The longest distance of a frame from the instant at which it was due. */
  readonly maxLateMs: number;
  readonly bytes: number;
}

/** Where a frame states what changes with each sending. */
interface Places {
  readonly seq: number;
  readonly iso: number;
  readonly millis: number;
  /** The text that the venue's checksum covers, with the place of its instant, and the place of the checksum. */
  readonly checksum: { readonly text: Buffer; readonly millis: number; readonly at: number } | null;
}

interface Line {
  readonly venue: IngestVenue;
  readonly frames: readonly Buffer[];
  readonly places: readonly Places[];
  readonly opening: readonly Buffer[];
  socket: Socket | null;
  sent: number;
  sentAtMs: Float64Array;
}

const SEQ_DIGITS = 10;
const MILLIS_DIGITS = 13;
const ISO_SECONDS = 19;
const ISO_FRACTION = 6;
const MAX_BATCH = 1_000;
/** Header of a frame of up to 65,535 bytes: text, final, length in two bytes. */
const HEADER = 4;

const lines: Line[] = connections().map((connection, number) => {
  const { opening, cycle } = tapeOf(connection, number);
  return {
    venue: connection.venue,
    opening,
    frames: cycle,
    places: cycle.map((frame) => placesOf(frame, connection.venue)),
    socket: null,
    sent: 0,
    sentAtMs: new Float64Array(0),
  };
});
let bytesSent = 0;

function placesOf(frame: Buffer, venue: IngestVenue): Places {
  const after = (key: string, from: Buffer = frame): number => {
    const at = from.indexOf(key);
    return at === -1 ? -1 : at + key.length;
  };
  if (venue === "kalshi")
    return { seq: after('"seq":'), iso: after('"ts":"'), millis: after('"ts_ms":'), checksum: null };
  const millis = after('"timestamp":"');
  if (frame.indexOf('"event_type":"book"') === -1) return { seq: -1, iso: -1, millis, checksum: null };
  const { event_type: _, market, asset_id, timestamp, hash: __, ...rest } = JSON.parse(frame.toString());
  const text = Buffer.from(JSON.stringify({ market, asset_id, timestamp, hash: "", ...rest }));
  return {
    seq: -1,
    iso: -1,
    millis,
    checksum: { text, millis: after('"timestamp":"', text), at: after('"hash":"') },
  };
}

function writeDigits(target: Buffer, at: number, value: number, digits: number): void {
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = Math.floor(rest / 10);
    target[i] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}

let isoSecond = -1;
const iso = Buffer.alloc(ISO_SECONDS);

/** Writes what this sending states: number, instant, checksum. */
function stamp(frame: Buffer, places: Places, seq: number, micros: number): void {
  const millis = Math.floor(micros / 1000);
  writeDigits(frame, places.millis, millis, MILLIS_DIGITS);
  if (places.seq !== -1) {
    writeDigits(frame, places.seq, seq, SEQ_DIGITS);
    const second = Math.floor(millis / 1000);
    if (second !== isoSecond) {
      isoSecond = second;
      iso.write(new Date(second * 1000).toISOString(), "latin1");
    }
    iso.copy(frame, places.iso);
    writeDigits(frame, places.iso + ISO_SECONDS + 1, micros - second * 1e6, ISO_FRACTION);
  }
  if (places.checksum === null) return;
  const { text, millis: textMillis, at } = places.checksum;
  writeDigits(text, textMillis, millis, MILLIS_DIGITS);
  frame.write(hash("sha1", text), at, "latin1");
}

/** Puts frames into one write, each with its websocket header. A copy: what waits to be sent is not written over. */
function write(socket: Socket, frames: readonly Buffer[]): void {
  let length = 0;
  for (const frame of frames) length += HEADER + frame.length;
  const block = Buffer.allocUnsafe(length);
  let at = 0;
  for (const frame of frames) {
    block[at] = 0x81;
    block[at + 1] = 126;
    block.writeUInt16BE(frame.length, at + 2);
    frame.copy(block, at + HEADER);
    at += HEADER + frame.length;
  }
  bytesSent += length;
  socket.write(block);
}

/** Sends the next `count` frames of a line, in writes that hold no frame of the cycle twice. */
function send(line: Line, count: number, micros: number): void {
  for (let rest = count; rest > 0; rest -= MAX_BATCH) sendBatch(line, Math.min(rest, MAX_BATCH), micros);
}

function sendBatch(line: Line, count: number, micros: number): void {
  const batch: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const index = line.sent % line.frames.length;
    const frame = line.frames[index]!;
    stamp(frame, line.places[index]!, FIRST_SEQ + line.opening.length + line.sent, micros);
    batch.push(frame);
    line.sentAtMs[line.sent++] = machineMs();
  }
  if (line.socket !== null) write(line.socket, batch);
}

function run(perSecond: number, seconds: number): void {
  const total = perSecond * seconds;
  for (const line of lines) {
    line.sent = 0;
    line.sentAtMs = new Float64Array(Math.ceil(total / lines.length));
  }
  const startMs = machineMs();
  let sent = 0;
  let maxLateMs = 0;
  const turn = (): void => {
    const nowMs = machineMs();
    const due = Math.min(total, Math.floor(((nowMs - startMs) / 1000) * perSecond));
    maxLateMs = Math.max(maxLateMs, nowMs - startMs - (sent / perSecond) * 1000);
    const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    const base = Math.floor((due - sent) / lines.length);
    const extra = (due - sent) % lines.length;
    for (let k = 0; k < lines.length; k++)
      send(lines[(sent + k) % lines.length]!, base + (k < extra ? 1 : 0), micros);
    sent = due;
    if (sent < total) setTimeout(turn, 1);
    else {
      const sentAtMs = lines.map((line) => line.sentAtMs.subarray(0, line.sent));
      answer({ kind: "sent", sentAtMs, maxLateMs, bytes: bytesSent });
    }
  };
  setTimeout(turn, 1);
}

function answer(message: SenderAnswer): void {
  process.send!(message);
}

function opened(number: number, socket: Socket): void {
  const line = lines[number]!;
  line.socket = socket;
  line.opening.forEach((frame, index) => {
    const at = frame.indexOf('"seq":');
    if (at !== -1) writeDigits(frame, at + 6, FIRST_SEQ + index, SEQ_DIGITS);
  });
  write(socket, line.opening);
  if (lines.every((each) => each.socket !== null))
    answer({ kind: "opened", frames: lines.map(({ opening }) => opening.length) });
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (_peer: WebSocket, request) => {
  request.socket.setNoDelay(true);
  opened(Number(request.url!.slice(1)), request.socket);
});
server.on("listening", () => answer({ kind: "listening", port: (server.address() as AddressInfo).port }));
process.on("message", (order: SenderOrder) => {
  if (order.kind === "run") run(order.perSecond, order.seconds);
  else process.exit();
});
process.on("disconnect", () => process.exit());
