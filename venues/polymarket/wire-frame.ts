import type { Reason } from "../../src/contracts/index.ts";

/** What one event of a frame says, apart from its levels. */
export const Event = {
  BOOK: 1,
  CHANGE: 2,
  TRADE: 3,
  TOP: 4,
  /** Refused by the oracle: `reasons` says why; its books, if it names any, follow as operations. */
  REFUSED: 5,
  /** Anything rare: an object in `rare`, at the index held in `state`. */
  RARE: 6,
} as const;
export type Event = (typeof Event)[keyof typeof Event];

/** Whether the venue's checksum over a `book` could be recomputed. */
export const HashState = { OPAQUE: 0, OK: 1, MISMATCH: 2 } as const;
export type HashState = (typeof HashState)[keyof typeof HashState];

/** Which books a refused message costs their validity: those it names, or all of the stream when it names none. */
export const Blame = { NAMED: 0, STREAM_IF_NONE: 1 } as const;
export type Blame = (typeof Blame)[keyof typeof Blame];

/** `topBid` / `topAsk` of an operation: the side is empty, or the message does not say. */
export const TOP_EMPTY = -1;
export const TOP_UNSTATED = -2;

/** Rare messages, read by the oracle only. */
export type RareEvent =
  | { readonly kind: "tick"; readonly market: string; readonly newTicks: number }
  | { readonly kind: "listed"; readonly market: ListedMarket }
  | { readonly kind: "resolved"; readonly market: string; readonly yesPayout: string };

/** A `new_market` message, as far as it was understood. */
interface ListedMarket {
  readonly conditionId: string;
  readonly question: string;
  readonly tokens: readonly [string, string];
  readonly tickSize: string | null;
  readonly feesEnabled: boolean | null;
  readonly feeSchedule: {
    readonly rate: string;
    readonly exponent: string;
    readonly takerOnly: boolean;
  } | null;
}

/**
 * One decoded frame before anything of it is emitted: events, their operations (levels, changes, prints) and the
 * symbols they name. Reused from frame to frame; the scanner and the oracle both fill it, so they can be compared.
 *
 * A symbol is a span of `bytes`. Operation columns: `symbol` index, `side`, `ticks`, `lots`, and for price changes
 * the stated best prices after the change.
 */
export class WireFrame {
  bytes: Uint8Array = new Uint8Array(0);

  symbolCount = 0;
  symbolStart = new Int32Array(16);
  symbolEnd = new Int32Array(16);
  /** Number in the token cache, -1 when the cache does not know it. */
  symbolToken = new Int32Array(16);

  eventCount = 0;
  kinds = new Uint8Array(8);
  /** Symbol of the event, -1 when its operations carry their own. */
  eventSymbol = new Int32Array(8);
  /** Micros; 0 = not stated. */
  eventAt = new Float64Array(8);
  /** First operation; the event's last is the next event's first, or `opCount`. */
  eventFirst = new Int32Array(8);
  /** A `HashState` for BOOK, an index into `rare` for RARE, a `Blame` for REFUSED. */
  state = new Int32Array(8);
  reasons: Reason[] = [];

  opCount = 0;
  opSymbol = new Int32Array(512);
  opSide = new Uint8Array(512);
  opTicks = new Int32Array(512);
  opLots = new Float64Array(512);
  opTopBid = new Int32Array(512);
  opTopAsk = new Int32Array(512);

  readonly rare: RareEvent[] = [];

  /** Forgets the previous frame; `bytes` is where the symbols of the next one lie. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.symbolCount = 0;
    this.eventCount = 0;
    this.opCount = 0;
    if (this.rare.length > 0) this.rare.length = 0;
  }

  addSymbol(start: number, end: number, token: number): number {
    if (this.symbolCount === this.symbolStart.length) this.#growSymbols();
    this.symbolStart[this.symbolCount] = start;
    this.symbolEnd[this.symbolCount] = end;
    this.symbolToken[this.symbolCount] = token;
    return this.symbolCount++;
  }

  /** Starts an event whose operations are those added from `first` on. */
  addEvent(kind: Event, symbol: number, at: number, first: number, state: number): number {
    if (this.eventCount === this.kinds.length) this.#growEvents();
    const event = this.eventCount++;
    this.kinds[event] = kind;
    this.eventSymbol[event] = symbol;
    this.eventAt[event] = at;
    this.eventFirst[event] = first;
    this.state[event] = state;
    return event;
  }

  addOp(symbol: number, side: number, ticks: number, lots: number, topBid: number, topAsk: number): void {
    if (this.opCount === this.opTicks.length) this.#growOps();
    const op = this.opCount++;
    this.opSymbol[op] = symbol;
    this.opSide[op] = side;
    this.opTicks[op] = ticks;
    this.opLots[op] = lots;
    this.opTopBid[op] = topBid;
    this.opTopAsk[op] = topAsk;
  }

  /** A level of a BOOK: the event names the symbol, and there is nothing stated beside it. */
  addLevel(side: number, ticks: number, lots: number): void {
    if (this.opCount === this.opTicks.length) this.#growOps();
    const op = this.opCount++;
    this.opSide[op] = side;
    this.opTicks[op] = ticks;
    this.opLots[op] = lots;
  }

  /** One past the last operation of an event. */
  eventLimit(event: number): number {
    return event + 1 < this.eventCount ? this.eventFirst[event + 1]! : this.opCount;
  }

  #growOps(): void {
    const size = this.opTicks.length * 2;
    this.opSymbol = grown(this.opSymbol, new Int32Array(size));
    this.opSide = grown(this.opSide, new Uint8Array(size));
    this.opTicks = grown(this.opTicks, new Int32Array(size));
    this.opLots = grown(this.opLots, new Float64Array(size));
    this.opTopBid = grown(this.opTopBid, new Int32Array(size));
    this.opTopAsk = grown(this.opTopAsk, new Int32Array(size));
  }

  #growSymbols(): void {
    const size = this.symbolStart.length * 2;
    this.symbolStart = grown(this.symbolStart, new Int32Array(size));
    this.symbolEnd = grown(this.symbolEnd, new Int32Array(size));
    this.symbolToken = grown(this.symbolToken, new Int32Array(size));
  }

  #growEvents(): void {
    const size = this.kinds.length * 2;
    this.kinds = grown(this.kinds, new Uint8Array(size));
    this.eventSymbol = grown(this.eventSymbol, new Int32Array(size));
    this.eventAt = grown(this.eventAt, new Float64Array(size));
    this.eventFirst = grown(this.eventFirst, new Int32Array(size));
    this.state = grown(this.state, new Int32Array(size));
  }
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
