import {
  BID,
  FLAG_FRAME_END,
  Kind,
  type Listing,
  type MapperEnv,
  type Micros,
  type Reason,
  reasonNumber,
} from "../../src/contracts/index.ts";
import { asciiBytes } from "./byte-cursor.ts";
import type { Catalog } from "./catalog.ts";
import { feeVersion, multiplierText } from "./fees.ts";
import { tickRanges } from "./tick-ranges.ts";
import type { EventFeeMessage, LifecycleEvent, LifecycleMessage } from "./wire.ts";

/** Results remembered between `determined` and `settled`, and settlements remembered to say them once. */
const MAX_REMEMBERED = 4096;

/** Fee versions kept per market. */
const MAX_FEE_VERSIONS = 16;

/**
 * Lifecycle and fee frames -> facts. The channel has no ticker filter: markets without a book here only use up
 * their sequence number.
 */
export class LifecycleFacts {
  readonly #env: MapperEnv;
  readonly #catalog: Catalog;
  readonly #determined = new Map<string, string>();
  readonly #settled = new Map<string, true>();

  constructor(env: MapperEnv, catalog: Catalog) {
    this.#env = env;
    this.#catalog = catalog;
  }

  apply(message: LifecycleMessage | EventFeeMessage, stream: number, recvAt: number): void {
    if (message.kind === "event_fee") {
      this.#mark(null, -1, stream, recvAt, message.seq);
      this.#eventFee(message, recvAt as Micros);
      return;
    }
    const bytes = asciiBytes(message.symbol);
    const book = this.#env.symbols.find(bytes, 0, bytes.length) >> 1;
    const reason = book === -1 ? null : invalidReason(message.event);
    this.#mark(reason, book, stream, recvAt, message.seq);
    if (book !== -1) this.#restate(message.symbol, message.event, recvAt as Micros);
  }

  /** The frame's one packed record: what it does to the book, or only its number. */
  #mark(reason: Reason | null, book: number, stream: number, recvAt: number, seq: number): void {
    const { sink } = this.#env;
    if (reason === null) sink.put(Kind.SEQUENCE, BID, FLAG_FRAME_END, -1, -1, stream, -1, recvAt, 0, seq);
    else {
      const number = reasonNumber(reason);
      sink.put(Kind.INVALID, BID, FLAG_FRAME_END, book, number, stream, -1, recvAt, 0, seq);
    }
  }

  #restate(symbol: string, event: LifecycleEvent, at: Micros): void {
    switch (event.type) {
      case "activated":
        this.#change(symbol, { status: "open" }, at);
        return;
      case "deactivated":
        this.#change(symbol, { status: "paused" }, at);
        return;
      case "close_date_updated":
        this.#change(symbol, { closesAt: (event.closeSeconds * 1_000_000) as Micros }, at);
        return;
      case "ticks_updated":
        this.#change(symbol, { tickRanges: event.ranges === null ? [] : tickRanges(event.ranges) }, at);
        return;
      case "determined":
        this.#change(symbol, { status: "closed" }, at);
        remember(this.#determined, symbol, event.yesPayout);
        return;
      case "settled":
        this.#settle(symbol, event.yesPayout, at);
        return;
      case "other":
    }
  }

  /** Settled frames repeat (up to 8 were seen) and need not name the result: the last determination counts, once. */
  #settle(symbol: string, stated: string | null, at: Micros): void {
    const yesPayout = stated ?? this.#determined.get(symbol);
    this.#change(symbol, { status: "resolved" }, at);
    if (yesPayout === undefined || this.#settled.has(symbol)) return;
    remember(this.#settled, symbol, true);
    const source = "market_lifecycle_v2 settled";
    this.#env.sink.object(
      { kind: "market.resolved", market: `${this.#env.venue}:${symbol}`, yesPayout, source },
      at,
    );
  }

  /** Announces a market again with one term changed. Markets known by ticker alone have no terms to change. */
  #change(symbol: string, change: Partial<Listing>, at: Micros): void {
    const listing = this.#catalog.listing(symbol);
    if (listing === undefined) return;
    const next = { ...listing, ...change };
    this.#catalog.keep(next);
    this.#env.symbols.describe(next, at);
  }

  #eventFee({ eventTicker, feeType, multiplier }: EventFeeMessage, at: Micros): void {
    const series = this.#catalog.seriesFee(eventTicker);
    const cleared = feeType === null && multiplier === null;
    const text = multiplier === null ? (series?.multiplier ?? null) : multiplierText(multiplier);
    const type = feeType ?? series?.type ?? null;
    const fee = cleared ? series : type === null || text === null ? null : { type, multiplier: text };
    const version = feeVersion(fee, at, cleared ? "event_fee_update: cleared" : "event_fee_update");
    for (const symbol of this.#catalog.marketsOf(eventTicker)) {
      const fees = this.#catalog.listing(symbol)?.fees ?? [];
      this.#change(symbol, { fees: [...fees.slice(1 - MAX_FEE_VERSIONS), version] }, at);
    }
  }
}

/** Files an entry as the newest; the oldest goes when there are too many. */
function remember<T>(entries: Map<string, T>, symbol: string, value: T): void {
  entries.delete(symbol);
  if (entries.size >= MAX_REMEMBERED) {
    const oldest = entries.keys().next().value;
    if (oldest !== undefined) entries.delete(oldest);
  }
  entries.set(symbol, value);
}

/** Why a lifecycle event ends the book's validity; null when it does not. */
function invalidReason(event: LifecycleEvent): Reason | null {
  switch (event.type) {
    case "deactivated":
    case "determined":
    case "settled":
      return "book.venue_close";
    case "ticks_updated":
      return "book.tick_change";
    case "activated":
    case "close_date_updated":
    case "other":
      return null;
  }
}
