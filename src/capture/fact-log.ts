import {
  type Decision,
  FACT_BYTES,
  FACT_SLOTS,
  FACT_VERSION,
  FACT_WORDS,
  type FactBatch,
  type FactSink,
  FIRST_DECISION_KIND,
  type Kind,
  type Micros,
  type ObjectFact,
  S_LOTS,
  S_RECV,
  S_VENUE_AT,
  S_VENUE_SEQ,
  type Side,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
  writeFact,
} from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import { BLOCK_TARGET_BYTES, BlockKind, MAX_PAYLOAD_BYTES, padded } from "./format.ts";
import { OBJECT_HEADER_BYTES, ObjectType, writeObjectHeader } from "./objects.ts";
import type { SegmentLog } from "./segment-log.ts";

/** Writes facts and decisions, in one order, onto the fact log. */
export class FactLog implements FactSink {
  readonly #log: SegmentLog;

  constructor(log: SegmentLog) {
    this.#log = log;
  }

  put(
    kind: Kind,
    side: Side,
    flags: number,
    book: number,
    priceTicks: number,
    stream: number,
    lots: number,
    recvAt: number,
    venueAt: number,
    venueSeq: number,
  ): void {
    const log = this.#log;
    const offset = log.reserve(BlockKind.PACKED, FACT_BYTES, kind >= FIRST_DECISION_KIND);
    if (offset < 0) return;
    writeFact(
      log.i32,
      log.f64,
      offset >> 2,
      kind,
      side,
      flags,
      book,
      priceTicks,
      stream,
      lots,
      recvAt,
      venueAt,
      venueSeq,
    );
    log.commit(FACT_BYTES, recvAt);
  }

  /** Record `index` of a batch, copied as it is. */
  packed(i32: Int32Array, f64: Float64Array, index: number): void {
    const log = this.#log;
    const from = index * FACT_WORDS;
    const isDecision = ((i32[from] as number) & 0xff) >= FIRST_DECISION_KIND;
    const offset = log.reserve(BlockKind.PACKED, FACT_BYTES, isDecision);
    if (offset < 0) return;
    const word = offset >> 2;
    const slot = offset >> 3;
    const fromSlot = index * FACT_SLOTS;
    log.i32[word + W_HEAD] = i32[from + W_HEAD] as number;
    log.i32[word + W_BOOK] = i32[from + W_BOOK] as number;
    log.i32[word + W_PRICE] = i32[from + W_PRICE] as number;
    log.i32[word + W_STREAM] = i32[from + W_STREAM] as number;
    log.f64[slot + S_LOTS] = f64[fromSlot + S_LOTS] as number;
    const recvAt = f64[fromSlot + S_RECV] as number;
    log.f64[slot + S_RECV] = recvAt;
    log.f64[slot + S_VENUE_AT] = f64[fromSlot + S_VENUE_AT] as number;
    log.f64[slot + S_VENUE_SEQ] = f64[fromSlot + S_VENUE_SEQ] as number;
    log.commit(FACT_BYTES, recvAt);
  }

  /** Every record of a batch. */
  batch(batch: FactBatch): void {
    for (let index = 0; index < batch.count; index++) this.packed(batch.i32, batch.f64, index);
  }

  object(fact: ObjectFact, at: Micros): void {
    this.#append(ObjectType.FACT, JSON.stringify(fact), at);
  }

  decision(decision: Decision, at: number): void {
    this.#append(ObjectType.DECISION, JSON.stringify(decision), at);
  }

  #append(type: ObjectType, json: string, at: number): void {
    const jsonBytes = Buffer.byteLength(json);
    const size = padded(OBJECT_HEADER_BYTES + jsonBytes);
    if (size > BLOCK_TARGET_BYTES) {
      this.#appendLarge(type, json, jsonBytes, at);
      return;
    }
    const log = this.#log;
    const offset = log.reserve(BlockKind.OBJECTS, size, true);
    if (offset < 0) return;
    writeObjectHeader(log.bytes, offset, jsonBytes, type, FACT_VERSION, at);
    log.bytes.write(json, offset + OBJECT_HEADER_BYTES);
    log.bytes.fill(0, offset + OBJECT_HEADER_BYTES + jsonBytes, offset + size);
    log.commit(size, at);
  }

  #appendLarge(type: ObjectType, json: string, jsonBytes: number, at: number): void {
    const size = padded(OBJECT_HEADER_BYTES + jsonBytes);
    if (size > MAX_PAYLOAD_BYTES) {
      throw new CaptureError(
        "too_large",
        `journal: a record of ${size} bytes; expected at most ${MAX_PAYLOAD_BYTES}: split it`,
      );
    }
    const payload = Buffer.alloc(size);
    writeObjectHeader(payload, 0, jsonBytes, type, FACT_VERSION, at);
    payload.write(json, OBJECT_HEADER_BYTES);
    this.#log.appendLarge(BlockKind.OBJECTS, payload, at);
  }
}
