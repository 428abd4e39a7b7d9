import { z } from "zod";
import { ASK, FACT_VERSION, Kind, REASONS, type Reason, reasonOf } from "../contracts/index.ts";
import type { ObjectRecord } from "./objects.ts";
import { type PackedRecord, readPacked } from "./packed-record.ts";
import { openJournalReader } from "./reader.ts";
import { orderUpdateSchema } from "./schema-market.ts";

/**
 * The events a consumer outside the engine reads: quote, trade, book, order, risk_breach, degraded_mode.
 * Rule of the versions: a field is never removed and never changes its meaning within a version; a new version may
 * add fields. A consumer therefore ignores what it does not know (the schemas are loose) and reads every version.
 */
const common = { version: z.number().int().min(1), seq: z.number().int(), at: z.number().int() };
const side = z.enum(["bid", "ask"]);
const reason = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]);
/** Quanta of the instrument's scales; null where the venue did not say. */
const quanta = z.number().int().nullable();
const level = {
  book: z.number().int(),
  instrument: z.string().nullable(),
  side,
  priceTicks: quanta,
  lots: quanta,
};

export const eventSchema = z.discriminatedUnion("event", [
  /** The venue's own statement of a best price; `priceTicks` null = the side is empty. */
  z.looseObject({ event: z.literal("quote"), ...common, ...level }),
  /** A public print; `side` is the taker's. */
  z.looseObject({ event: z.literal("trade"), ...common, ...level }),
  z.looseObject({
    event: z.literal("book"),
    ...common,
    ...level,
    change: z.enum(["begin", "level", "end", "set", "change", "invalid"]),
    /** Why the book is not valid from here on; only with `invalid`. */
    reason: reason.nullable(),
  }),
  z.looseObject({ event: z.literal("order"), ...common, update: orderUpdateSchema }),
  z.looseObject({ event: z.literal("risk_breach"), ...common, rule: z.string(), detail: z.string() }),
  z.looseObject({
    event: z.literal("degraded_mode"),
    ...common,
    on: z.boolean(),
    scope: z.string(),
    reason: z.string(),
  }),
]);
export type JournalEvent = z.infer<typeof eventSchema>;

const BOOK_CHANGES = new Map<number, "begin" | "level" | "end" | "set" | "change" | "invalid">([
  [Kind.SNAPSHOT_BEGIN, "begin"],
  [Kind.SNAPSHOT_LEVEL, "level"],
  [Kind.SNAPSHOT_END, "end"],
  [Kind.LEVEL_SET, "set"],
  [Kind.LEVEL_CHANGE, "change"],
  [Kind.INVALID, "invalid"],
]);

/** Hands every event of a journal to `visit`, in order, whatever version wrote it. @throws CaptureError as the reader does. */
export function visitEvents(dir: string, visit: (event: JournalEvent) => void): void {
  const reader = openJournalReader(dir);
  const names = new Map<number, string>();
  try {
    for (let block = reader.next(); block !== null; block = reader.next()) {
      if (block.kind === "packed") {
        for (let i = 0; i < block.count; i++) {
          const event = packedEvent(readPacked(block.i32, block.f64, i), block.firstSeq + i, names);
          if (event !== null) visit(event);
        }
      } else if (block.kind === "objects") {
        for (const record of block.records) {
          const event = objectEvent(record, names);
          if (event !== null) visit(event);
        }
      }
    }
  } finally {
    reader.close();
  }
}

function packedEvent(
  record: PackedRecord,
  seq: number,
  names: ReadonlyMap<number, string>,
): JournalEvent | null {
  const { kindNumber, book, price, lots } = record;
  const isInvalid = kindNumber === Kind.INVALID;
  const body = {
    version: FACT_VERSION,
    seq,
    at: record.recvAt,
    book,
    instrument: names.get(book) ?? null,
    side: record.side === ASK ? "ask" : "bid",
    priceTicks: isInvalid || price < 0 ? null : price,
    lots: lots === -1 && kindNumber !== Kind.LEVEL_CHANGE ? null : lots,
  } as const;
  if (kindNumber === Kind.TOP_WITNESS) return { event: "quote", ...body };
  if (kindNumber === Kind.TRADE) return { event: "trade", ...body };
  const change = BOOK_CHANGES.get(kindNumber);
  if (change === undefined) return null;
  return { event: "book", ...body, change, reason: isInvalid ? (reasonOf(price) ?? null) : null };
}

function objectEvent(record: ObjectRecord, names: Map<number, string>): JournalEvent | null {
  if (record.type !== "fact") return null;
  const { seq, at, fact } = record;
  const common = { version: FACT_VERSION, seq, at };
  switch (fact.kind) {
    case "order.update": {
      const { update } = fact;
      return { event: "order", ...common, update };
    }
    case "risk.breach":
      return { event: "risk_breach", ...common, rule: fact.rule, detail: fact.detail };
    case "degraded.mode":
      return { event: "degraded_mode", ...common, on: fact.on, scope: fact.scope, reason: fact.reason };
    case "market.instruments":
      for (const { book, key } of fact.instruments) names.set(book, key);
      return null;
    default:
      return null;
  }
}
