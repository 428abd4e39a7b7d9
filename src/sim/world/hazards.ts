import { ASK, BID, type Micros, type Rng, type Side, type Ticks } from "../../contracts/index.ts";
import type { HazardKind, WorldBook } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { ArmedFault, Delivery } from "./delivery.ts";
import { GRID, PRICE_SCALE } from "./ladder.ts";
import type { Market } from "./market.ts";
import type { Mutation } from "./mutation.ts";
import type { Plants } from "./plants.ts";
import { type EventState, type Quote, quotesOf, touchesConnection } from "./state.ts";
import { CONNECTIONS } from "./universe.ts";

/** Kinds by how often they come; the dull ones more often than the drastic. */
const KINDS: readonly HazardKind[] = [
  "drop",
  "drop",
  "duplicate",
  "duplicate",
  "reorder",
  "reorder",
  "malformed",
  "malformed",
  "torn_snapshot",
  "crossed",
  "crossed",
  "jump",
  "burst",
  "silent_book",
  "absurd_size",
  "zero_size",
  "negative_level",
  "tick_size",
  "stall",
  "connection_lost",
];
const ABSURD_CONTRACTS = 1_000_000_000;
/** A jump goes to this price, at least twice the firewall's usual limit away: the mid moves half as far. */
const FAR_ASK_TICKS = 9_500;
const MIN_JUMP_TICKS = 6_000;
const GARBAGE = [0x7b, 0x22, 0x00, 0xff, 0xfe, 0x7d] as const;

/** Makes wire and venue misbehave, then heals them: after each fault every book becomes valid again. */
export class Hazards {
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;
  readonly #market: Market;
  readonly #plants: Plants;
  readonly #events: () => readonly EventState[];

  constructor(
    rng: Rng,
    agenda: Agenda,
    delivery: Delivery,
    market: Market,
    plants: Plants,
    events: () => readonly EventState[],
  ) {
    this.#rng = rng;
    this.#agenda = agenda;
    this.#delivery = delivery;
    this.#market = market;
    this.#plants = plants;
    this.#events = events;
    delivery.onFault = (fault, book) => this.#struck(fault, book);
  }

  /** One random fault on a connection that is well; nothing when none is. */
  strike(): void {
    const well = CONNECTIONS.filter(({ id }) => this.#delivery.healthy(id));
    if (well.length === 0) return;
    const { id } = well[this.#rng.int(well.length)]!;
    const kind = KINDS[this.#rng.int(KINDS.length)]!;
    switch (kind) {
      case "drop":
      case "duplicate":
      case "reorder":
        this.#announce(kind, id, null);
        this.#delivery.arm(id, kind, null);
        return;
      case "malformed":
        this.#announce(kind, id, null);
        this.#delivery.arm(id, kind, this.#mutation());
        return;
      case "stall":
        this.stall(id, 1_000_000 + this.#rng.int(3_000_000));
        return;
      case "connection_lost":
        this.#lose(id);
        return;
      default:
        this.#bookFault(kind, id);
    }
  }

  /** A connection is silent for a while, then everything it held back arrives at once. */
  stall(connection: number, duration: number, during: (() => void) | null = null): void {
    this.#announce("stall", connection, null);
    const release = this.#hold(connection);
    this.#delivery.stall(connection, true);
    during?.();
    this.#agenda.add(this.#delivery.now + duration, () => {
      this.#delivery.stall(connection, false);
      release();
    });
  }

  /** The client's answer to a hole: snapshots of every book of the connection. */
  resnapshot(connection: number): void {
    for (const event of this.#events())
      if (event.open)
        for (const quote of quotesOf(event))
          if (quote.book.connection === connection) this.#delivery.snapshot(quote);
  }

  #bookFault(kind: HazardKind, connection: number): void {
    const able = this.#events().filter((e) => e.open && e.holds === 0 && touchesConnection(e, connection));
    if (able.length === 0) return;
    const event = able[this.#rng.int(able.length)]!;
    const here = quotesOf(event).filter((q) => q.book.connection === connection);
    const quote = here[this.#rng.int(here.length)]!;
    if (kind === "burst") this.#burst(connection, quote);
    else if (kind === "crossed") this.#cross(event, quote);
    else if (kind === "jump") this.#jump(event, quote);
    else if (kind === "silent_book") this.#silence(event, quote);
    else if (kind === "absurd_size") this.#absurd(event, quote);
    else if (kind === "torn_snapshot") this.#tear(event, quote);
    else if (kind === "tick_size") this.#changeTick(event, quote);
    else if (kind === "zero_size" || kind === "negative_level") this.#oddLevel(kind, quote);
  }

  #burst(connection: number, quote: Quote): void {
    this.#announce("burst", connection, quote.book);
    const events = this.#events().filter((e) => e.open && touchesConnection(e, connection));
    for (let i = 150 + this.#rng.int(250); i > 0; i--) {
      const event = events[this.#rng.int(events.length)]!;
      const quotes = quotesOf(event);
      this.#market.noise(quotes[this.#rng.int(quotes.length)]!, event.holds > 0);
    }
  }

  /** One book falls silent while the others of its connection move on. */
  #silence(event: EventState, quote: Quote): void {
    const duration = 3_000_000 + this.#rng.int(7_000_000);
    this.#held(event, "silent_book", quote, duration, () => {
      quote.silentUntil = this.#delivery.now + duration;
    });
  }

  /** The bid is shown at the ask for a moment. */
  #cross(event: EventState, quote: Quote): void {
    const ask = quote.ladder.best(ASK);
    if (ask === -1) return;
    const ticks = ask + this.#rng.int(2) * quote.stepTicks;
    this.#held(event, "crossed", quote, 200_000 + this.#rng.int(600_000), () => {
      this.#market.setLevel(quote, BID, ticks, this.#market.size(quote), "crossed");
    });
  }

  /** Every offer but one far away is taken back: the mid moves further than a market does in one step. */
  #jump(event: EventState, quote: Quote): void {
    const ask = quote.ladder.best(ASK);
    if (ask === -1 || ask > FAR_ASK_TICKS - MIN_JUMP_TICKS || quote.ladder.best(BID) === -1) return;
    this.#held(event, "jump", quote, 400_000 + this.#rng.int(800_000), () => {
      this.#market.setLevel(quote, ASK, FAR_ASK_TICKS, this.#market.size(quote), "jump");
      this.#market.pull(quote, ASK, FAR_ASK_TICKS - GRID);
    });
  }

  /** A billion contracts at the best price, taken back a moment later. */
  #absurd(event: EventState, quote: Quote): void {
    const side = this.#rng.int(2) as Side;
    const ticks = quote.ladder.best(side);
    if (ticks === -1) return;
    const before = quote.ladder.lots(side, ticks);
    this.#held(event, "absurd_size", quote, 300_000, () => {
      const lots = ABSURD_CONTRACTS * quote.book.listing.sizeScale;
      this.#market.setLevel(quote, side, ticks, lots, "absurd_size");
      this.#agenda.add(this.#delivery.now + 200_000, () => {
        if (event.open) this.#market.setLevel(quote, side, ticks, before, "absurd_size");
      });
    });
  }

  /** A message about a level that is not there: nothing at 0, or a change below 0. */
  #oddLevel(kind: "zero_size" | "negative_level", quote: Quote): void {
    const best = quote.ladder.best(BID);
    if (best <= 3 * GRID) return;
    const ticks = GRID;
    if (quote.ladder.lots(BID, ticks) !== 0) return;
    this.#announce(kind, quote.book.connection, quote.book);
    const change = kind === "zero_size" ? 0 : -this.#market.size(quote);
    this.#delivery.level(quote, BID, snap(quote, ticks), change, 0, kind);
  }

  #tear(event: EventState, quote: Quote): void {
    this.#held(event, "torn_snapshot", quote, 900_000, () => {
      const mutation: Mutation = { type: "truncate", keepPermille: 300 + this.#rng.int(600) };
      this.#delivery.snapshot(quote, "torn_snapshot", mutation);
      this.#plants.disturb(quote.book.connection);
      this.#healLater(quote.book.connection);
    });
  }

  /** Two-token venues move a market between steps of 1/100 and 1/1,000; its terms and its book are sent anew. */
  #changeTick(event: EventState, quote: Quote): void {
    if (quote.book.venue !== "simp") return;
    this.#held(event, "tick_size", quote, 800_000, () => {
      const before = quote.stepTicks;
      const after = before === GRID ? 10 * GRID : GRID;
      this.#delivery.tickSize(quote.book, before, after);
      quote.ladder.clear();
      quote.stepTicks = after;
      this.#agenda.add(this.#delivery.now + 100_000 + this.#rng.int(300_000), () => {
        const outcome = event.outcomes.find((o) => o.quotes.includes(quote));
        if (!event.open || outcome === undefined) return;
        this.#delivery.terms(onGrid(quote.book, after));
        this.#market.open(quote, outcome);
      });
    });
  }

  #lose(connection: number): void {
    this.#announce("connection_lost", connection, null);
    const release = this.#hold(connection);
    this.#delivery.setUp(connection, false);
    this.#agenda.add(this.#delivery.now + 500_000 + this.#rng.int(2_500_000), () => {
      this.#delivery.setUp(connection, true);
      this.resnapshot(connection);
      release();
    });
  }

  #struck(fault: ArmedFault, book: WorldBook): void {
    if (fault === "duplicate") return;
    const release = this.#hold(book.connection);
    this.#healLater(book.connection, release);
  }

  #healLater(connection: number, then: () => void = () => {}): void {
    this.#agenda.add(this.#delivery.now + 200_000 + this.#rng.int(600_000), () => {
      this.resnapshot(connection);
      then();
    });
  }

  /** Says the fault, keeps everyone else off the event meanwhile, and has it requoted afterwards. */
  #held(event: EventState, kind: HazardKind, quote: Quote, duration: number, fault: () => void): void {
    this.#announce(kind, quote.book.connection, quote.book);
    event.holds++;
    fault();
    this.#agenda.add(this.#delivery.now + duration, () => this.#release([event]));
  }

  /** Nobody moves a best price on the connection until the returned function is called. */
  #hold(connection: number): () => void {
    this.#plants.disturb(connection);
    const events = this.#events().filter((event) => touchesConnection(event, connection));
    for (const event of events) event.holds++;
    return () => this.#release(events);
  }

  #release(events: readonly EventState[]): void {
    for (const event of events) {
      event.holds--;
      if (event.open && event.holds === 0) this.#market.requote(event.outcomes);
    }
  }

  #announce(hazard: HazardKind, connection: number, book: WorldBook | null): void {
    const { venue } = CONNECTIONS.find(({ id }) => id === connection)!;
    this.#delivery.push({ kind: "hazard", at: 0 as Micros, venue, connection, hazard, book });
  }

  #mutation(): Mutation {
    switch (this.#rng.int(5)) {
      case 0:
        return { type: "truncate", keepPermille: this.#rng.int(990) };
      case 1:
        return { type: "flip", atPermille: this.#rng.int(1_000) };
      case 2:
        return { type: "insert", atPermille: this.#rng.int(1_000), bytes: [0xff, 0x00] };
      case 3:
        return { type: "nest", depth: 1_000 + this.#rng.int(4_000) };
      default:
        return { type: "replace", bytes: GARBAGE };
    }
  }
}

/** The book with its new price step in its terms. */
function onGrid(book: WorldBook, stepTicks: number): WorldBook {
  const step = stepTicks as Ticks;
  const range = { fromTicks: step, toTicks: (PRICE_SCALE - step) as Ticks, stepTicks: step };
  return { ...book, listing: { ...book.listing, tickRanges: [range] } };
}

/** The lowest price of a book's own grid at or above `ticks`. */
function snap(quote: Quote, ticks: number): number {
  return Math.ceil(ticks / quote.stepTicks) * quote.stepTicks;
}
