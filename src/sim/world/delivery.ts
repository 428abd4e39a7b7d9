import {
  ASK,
  BID,
  type Level,
  type Lots,
  type Micros,
  type Rng,
  type Side,
  type Ticks,
} from "../../contracts/index.ts";
import type { Channel, FrameAction, HazardKind, WorldAction, WorldBook } from "./actions.ts";
import type { Mutation } from "./mutation.ts";
import type { Quote } from "./state.ts";

/** Faults that wait for the next level frame of a connection. */
export type ArmedFault = "drop" | "duplicate" | "reorder" | "malformed";

/** The frames a stalled connection may hold back. */
const MAX_HELD = 20_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = FrameAction extends infer F ? (F extends FrameAction ? Mutable<F> : never) : never;

interface Connection {
  readonly id: number;
  readonly venue: string;
  readonly sequenced: boolean;
  readonly sequence: Record<Channel, number>;
  up: boolean;
  stalled: boolean;
  armed: ArmedFault | null;
  mutation: Mutation | null;
  /** A frame that waits to be delivered after its successor. */
  swapped: Draft | null;
  readonly held: Draft[];
  venueAt: number;
}

/** Numbers, stamps and delivers what the venues say, with the armed faults on the way. */
export class Delivery {
  /** Instant of the task now running. */
  now = 0;
  /** Called when an armed fault met its frame. */
  onFault: (fault: ArmedFault, book: WorldBook) => void = () => {};
  readonly #rng: Rng;
  readonly #out: WorldAction[];
  readonly #connections = new Map<number, Connection>();
  #lastAt = 0;
  #trades = 0;

  constructor(rng: Rng, out: WorldAction[]) {
    this.#rng = rng;
    this.#out = out;
  }

  get lastAt(): Micros {
    return this.#lastAt as Micros;
  }

  add(id: number, venue: string, sequenced: boolean): void {
    this.#connections.set(id, {
      id,
      venue,
      sequenced,
      sequence: { book: 0, trade: 0, life: 0 },
      up: false,
      stalled: false,
      armed: null,
      mutation: null,
      swapped: null,
      held: [],
      venueAt: 0,
    });
  }

  /** Up, not stalled, no fault waiting. */
  healthy(id: number): boolean {
    const c = this.#connection(id);
    return c.up && !c.stalled && c.armed === null && c.swapped === null;
  }

  arm(id: number, fault: ArmedFault, mutation: Mutation | null): void {
    const connection = this.#connection(id);
    connection.armed = fault;
    connection.mutation = mutation;
  }

  setUp(id: number, up: boolean): void {
    const c = this.#connection(id);
    c.up = up;
    c.armed = null;
    c.swapped = null;
    c.sequence.book = c.sequence.trade = c.sequence.life = 0;
    this.push({
      kind: "connection",
      at: 0 as Micros,
      venue: c.venue,
      connection: id,
      state: up ? "opened" : "lost",
    });
  }

  /** Silence begins: frames wait. `false` delivers them all at once. */
  stall(id: number, stalled: boolean): void {
    const c = this.#connection(id);
    c.stalled = stalled;
    if (!stalled) this.#release(c);
  }

  snapshot(quote: Quote, hazard: HazardKind | null = null, mutation: Mutation | null = null): void {
    this.#send({
      kind: "snapshot",
      ...this.#frame(quote.book, "book", hazard),
      mutation,
      bids: quote.ladder.levels(BID),
      asks: quote.ladder.levels(ASK),
    });
  }

  /** A snapshot that says other levels than the venue's truth (the closing empty one). */
  emptySnapshot(book: WorldBook): void {
    const none: readonly Level[] = [];
    this.#send({ kind: "snapshot", ...this.#frame(book, "book", null), bids: none, asks: none });
  }

  level(
    quote: Quote,
    side: Side,
    ticks: number,
    change: number,
    lots: number,
    hazard: HazardKind | null,
  ): void {
    this.#send({
      kind: "level",
      ...this.#frame(quote.book, "book", hazard),
      side,
      ticks: ticks as Ticks,
      lotsChange: change as Lots,
      lots: lots as Lots,
      bestBid: quote.ladder.best(BID),
      bestAsk: quote.ladder.best(ASK),
    });
  }

  trade(book: WorldBook, side: Side, ticks: number, lots: number): void {
    const tradeId = ++this.#trades;
    const frame = this.#frame(book, "trade", null);
    this.#send({ kind: "trade", ...frame, side, ticks: ticks as Ticks, lots: lots as Lots, tradeId });
  }

  tickSize(book: WorldBook, oldStep: number, newStep: number): void {
    this.#send({
      kind: "tick_size",
      ...this.#frame(book, "life", "tick_size"),
      oldStepTicks: oldStep as Ticks,
      newStepTicks: newStep as Ticks,
    });
  }

  close(book: WorldBook): void {
    this.#send({ kind: "close", ...this.#frame(book, "life", null) });
  }

  resolve(books: readonly WorldBook[], yesPayout: "0" | "1"): void {
    const [first] = books;
    if (first === undefined) return;
    const { book, ...frame } = this.#frame(first, "life", null);
    this.#send({ kind: "resolve", ...frame, market: book.market, books, yesPayout });
  }

  /** The venue states the terms of a book, for the first time or again. */
  terms(book: WorldBook): void {
    const { venue, connection } = book;
    this.push({ kind: "listing", at: 0 as Micros, venue, connection, book });
  }

  /** An action that is no frame of a connection. */
  push(action: WorldAction): void {
    this.#lastAt = Math.max(this.now, this.#lastAt + 1);
    (action as Mutable<WorldAction>).at = this.#lastAt as Micros;
    this.#out.push(action);
  }

  #frame(book: WorldBook, channel: Channel, hazard: HazardKind | null) {
    const c = this.#connection(book.connection);
    const delay = this.#rng.int(40) === 0 ? 40_000 + this.#rng.int(200_000) : 2_000 + this.#rng.int(10_000);
    const at = Math.max(this.now, this.#lastAt);
    c.venueAt = Math.max(c.venueAt, at - delay);
    return {
      at: 0 as Micros,
      venue: book.venue,
      connection: book.connection,
      book,
      venueAt: c.venueAt as Micros,
      channel,
      seq: c.sequenced && c.up ? ++c.sequence[channel] : -1,
      hazard,
      mutation: null as Mutation | null,
    };
  }

  #send(draft: Draft): void {
    const c = this.#connection(draft.connection);
    if (!c.up) return;
    if (c.stalled) {
      c.held.push(draft);
      if (c.held.length > MAX_HELD) this.#release(c);
      return;
    }
    if (draft.kind === "level" && c.armed !== null && draft.hazard === null && strikes(c, draft)) {
      this.#strike(c, draft, c.armed);
      return;
    }
    this.push(draft);
    if (c.swapped !== null) {
      const late = c.swapped;
      c.swapped = null;
      this.push(late);
    }
  }

  #strike(c: Connection, draft: Draft & { kind: "level" }, fault: ArmedFault): void {
    c.armed = null;
    draft.hazard = fault;
    if (fault === "duplicate") {
      this.push(draft);
      this.push({ ...draft });
    } else if (fault === "reorder") {
      c.swapped = draft;
    } else if (fault === "malformed") {
      draft.mutation = c.mutation;
      this.push(draft);
    }
    this.onFault(fault, draft.book);
  }

  #release(c: Connection): void {
    for (const draft of c.held) this.push(draft);
    c.held.length = 0;
  }

  #connection(id: number): Connection {
    const connection = this.#connections.get(id);
    if (connection === undefined) throw new RangeError(`no connection ${id}`);
    return connection;
  }
}

/** Without sequence numbers only the loss of a best price can ever be noticed: a drop waits for one. */
function strikes(c: Connection, draft: Draft & { kind: "level" }): boolean {
  if (c.armed !== "drop" || c.sequenced) return true;
  return draft.lots > 0 && draft.ticks === (draft.side === BID ? draft.bestBid : draft.bestAsk);
}
