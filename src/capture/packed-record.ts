import {
  ASK,
  BID,
  FACT_SLOTS,
  FACT_WORDS,
  Kind,
  S_LOTS,
  S_RECV,
  S_VENUE_AT,
  S_VENUE_SEQ,
  W_BOOK,
  W_HEAD,
  W_PRICE,
  W_STREAM,
} from "../contracts/index.ts";

/** A packed record spread out, for the places that show or check single records. */
export interface PackedRecord {
  readonly kindNumber: number;
  /** Name of the kind; undefined for a number this build does not know. */
  readonly kind: keyof typeof Kind | undefined;
  readonly side: number;
  readonly flags: number;
  readonly book: number;
  /** Ticks, or a reason's number for INVALID, REJECT and decisions. */
  readonly price: number;
  readonly stream: number;
  readonly lots: number;
  readonly recvAt: number;
  readonly venueAt: number;
  readonly venueSeq: number;
}

const NAMES: ReadonlyMap<number, keyof typeof Kind> = new Map(
  (Object.keys(Kind) as (keyof typeof Kind)[]).map((name) => [Kind[name], name]),
);

export function readPacked(i32: Int32Array, f64: Float64Array, index: number): PackedRecord {
  const word = index * FACT_WORDS;
  const slot = index * FACT_SLOTS;
  const head = i32[word + W_HEAD] as number;
  return {
    kindNumber: head & 0xff,
    kind: NAMES.get(head & 0xff),
    side: (head >> 8) & 0xff,
    flags: head >>> 16,
    book: i32[word + W_BOOK] as number,
    price: i32[word + W_PRICE] as number,
    stream: i32[word + W_STREAM] as number,
    lots: f64[slot + S_LOTS] as number,
    recvAt: f64[slot + S_RECV] as number,
    venueAt: f64[slot + S_VENUE_AT] as number,
    venueSeq: f64[slot + S_VENUE_SEQ] as number,
  };
}

/** True for records whose word 2 is the number of a reason. */
export function holdsReason(kindNumber: number): boolean {
  return kindNumber === Kind.INVALID || kindNumber === Kind.REJECT || kindNumber >= Kind.QUARANTINE;
}

/** What is wrong with a packed record, or null. Checks the record alone, not what it does to a book. */
export function packedFault(record: PackedRecord): string | null {
  if (record.kind === undefined) return `kind ${record.kindNumber} is not known`;
  if (record.side !== BID && record.side !== ASK) return `side: expected 0 or 1, was ${record.side}`;
  if (record.book < -1) return `book: expected -1 or more, was ${record.book}`;
  if (record.stream < -1) return `stream: expected -1 or more, was ${record.stream}`;
  for (const name of ["lots", "recvAt", "venueAt", "venueSeq"] as const) {
    if (!Number.isSafeInteger(record[name])) return `${name}: expected a whole number, was ${record[name]}`;
  }
  return null;
}
