import { z } from "zod";
import type { RecordingReader, RecordingSession, RecordingSink } from "../../../src/contracts/index.ts";
import { formatDecimal } from "../../../src/contracts/index.ts";
import { rfc3339Micros } from "../time.ts";
import { legLevels, PollFacts } from "./poll.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });
const TICKER = /^[\x21-\x7e]{1,128}$/;

const dollarLevels = z.array(z.tuple([z.string().max(32), z.string().max(32)])).nullish();
const centLevels = z.array(z.tuple([z.int().min(1).max(99), z.int().min(0)])).nullish();

/** Bodies as the venue sends them; null or absent = empty side. */
const bodySchema = z.object({
  orderbook_fp: z.object({ yes_dollars: dollarLevels, no_dollars: dollarLevels }),
});
/** One recorder of 2024 kept a client library's private names: `{TICKER:{_yes:[[cents,count]],_no:…}}`. */
const centsSchema = z.object({ _yes: centLevels, _no: centLevels });

type Ladder = readonly (readonly [string, string])[];

/** Order books polled over REST: one, a list, or a map by ticker. */
export const kalshiRestOrderbooks: RecordingReader = {
  id: "kalshi-rest-orderbooks",
  about:
    "REST order books (JSON, also the cents format of 2024). symbol=TICKER when the body names none; at=RFC3339 for the time of the poll",
  unit: "document",
  open: (sink, options) => new OrderbookSession(sink, options),
};

class OrderbookSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #poll: PollFacts;
  readonly #symbol: string | undefined;
  readonly #statedAt: number | null;

  constructor(sink: RecordingSink, options: Readonly<Record<string, string>>) {
    this.#sink = sink;
    this.#poll = new PollFacts(sink, "order book poll");
    this.#symbol = options["symbol"];
    this.#statedAt = options["at"] === undefined ? null : rfc3339Micros(options["at"]);
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    let value: unknown;
    try {
      value = JSON.parse(DECODER.decode(bytes.subarray(start, end)));
    } catch {
      this.#sink.reject("import.foreign", "not a JSON document");
      return;
    }
    if (this.#visit(value, this.#symbol, this.#statedAt ?? capturedAt(value), 0) === 0)
      this.#sink.reject("import.foreign", "no order book in the document");
    this.#poll.endPoll();
  }

  end(): void {
    // A document is one piece: nothing is left over.
  }

  /** Number of order books found (used or refused). */
  #visit(value: unknown, symbol: string | undefined, at: number, depth: number): number {
    if (typeof value !== "object" || value === null || depth > 4) return 0;
    if (Array.isArray(value))
      return value.reduce<number>((n, item) => n + this.#visit(item, symbol, at, depth + 1), 0);
    const object = value as Record<string, unknown>;
    const named = typeof object["ticker"] === "string" ? object["ticker"] : symbol;
    if ("orderbook_fp" in object) return this.#dollars(object, named, at);
    if ("_yes" in object && "_no" in object) return this.#cents(object, named, at);
    let found = 0;
    for (const [key, inner] of Object.entries(object))
      found += this.#visit(inner, /^[A-Z0-9][A-Z0-9.-]*$/.test(key) ? key : named, at, depth + 1);
    return found;
  }

  #dollars(object: unknown, symbol: string | undefined, at: number): number {
    const parsed = bodySchema.safeParse(object);
    const body = parsed.success ? parsed.data.orderbook_fp : null;
    return this.#emit(symbol, body === null ? null : [body.yes_dollars ?? [], body.no_dollars ?? []], at);
  }

  #cents(object: unknown, symbol: string | undefined, at: number): number {
    const parsed = centsSchema.safeParse(object);
    const dollars = (levels: readonly (readonly [number, number])[] | null | undefined): Ladder =>
      (levels ?? []).map(([cents, count]) => [formatDecimal(BigInt(cents), 2), String(count)]);
    return this.#emit(
      symbol,
      parsed.success ? [dollars(parsed.data._yes), dollars(parsed.data._no)] : null,
      at,
    );
  }

  #emit(symbol: string | undefined, legs: readonly [Ladder, Ladder] | null, at: number): number {
    const levels = legs === null ? null : legLevels(legs[0], legs[1]);
    if (symbol === undefined || !TICKER.test(symbol))
      this.#sink.reject("wire.missing_field", "an order book without a ticker: give symbol=TICKER");
    else if (levels === null) this.#sink.reject("wire.bad_number", `${symbol}: unreadable levels`);
    else this.#poll.snapshot(symbol, levels, at);
    return 1;
  }
}

function capturedAt(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const { captured_at: text, captured_ms: millis } = value as Record<string, unknown>;
  if (typeof millis === "number" && Number.isSafeInteger(millis * 1000)) return millis * 1000;
  return typeof text === "string" ? (rfc3339Micros(text) ?? 0) : 0;
}
