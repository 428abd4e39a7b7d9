import { ASK, BID, type Rng, type Side, type Ticks } from "../../contracts/index.ts";
import type { HazardKind, WorldBook } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { Delivery } from "./delivery.ts";
import type { Holds } from "./holds.ts";
import { GRID, PRICE_SCALE } from "./ladder.ts";
import type { Market } from "./market.ts";
import type { EventState, Quote } from "./state.ts";

const ABSURD_CONTRACTS = 1_000_000_000;
/** A jump goes to this price, at least twice the firewall's usual limit away: the mid moves half as far. */
const FAR_ASK_TICKS = 9_500;
const MIN_JUMP_TICKS = 6_000;

/** What a venue itself says wrongly or surprisingly about one book; each is taken back or healed by itself. */
export class VenueFaults {
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;
  readonly #market: Market;
  readonly #holds: Holds;

  constructor(rng: Rng, agenda: Agenda, delivery: Delivery, market: Market, holds: Holds) {
    this.#rng = rng;
    this.#agenda = agenda;
    this.#delivery = delivery;
    this.#market = market;
    this.#holds = holds;
  }

  /** Nothing happens when the book is not fit for the fault, or the fault is none of a single book. */
  strike(kind: HazardKind, event: EventState, quote: Quote): void {
    if (kind === "crossed") this.#cross(event, quote);
    else if (kind === "jump") this.#jump(event, quote);
    else if (kind === "silent_book") this.#silence(event, quote);
    else if (kind === "absurd_size") this.#absurd(event, quote);
    else if (kind === "tick_size") this.#changeTick(event, quote);
    else if (kind === "zero_size" || kind === "negative_level") this.#oddLevel(kind, quote);
  }

  /** The bid is shown at the ask for a moment. */
  #cross(event: EventState, quote: Quote): void {
    const ask = quote.ladder.best(ASK);
    if (ask === -1) return;
    const ticks = ask + this.#rng.int(2) * quote.stepTicks;
    this.#holds.during(event, "crossed", quote.book, 200_000 + this.#rng.int(600_000), () => {
      this.#market.setLevel(quote, BID, ticks, this.#market.size(quote), "crossed");
    });
  }

  /** Every offer but one far away is taken back: the mid moves further than a market does in one step. */
  #jump(event: EventState, quote: Quote): void {
    const ask = quote.ladder.best(ASK);
    if (ask === -1 || ask > FAR_ASK_TICKS - MIN_JUMP_TICKS || quote.ladder.best(BID) === -1) return;
    this.#holds.during(event, "jump", quote.book, 400_000 + this.#rng.int(800_000), () => {
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
    this.#holds.during(event, "absurd_size", quote.book, 300_000, () => {
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
    this.#holds.announce(kind, quote.book.connection, quote.book);
    const change = kind === "zero_size" ? 0 : -this.#market.size(quote);
    this.#delivery.level(quote, BID, snap(quote, ticks), change, 0, kind);
  }

  /** Two-token venues move a market between steps of 1/100 and 1/1,000; its terms and its book are sent anew. */
  #changeTick(event: EventState, quote: Quote): void {
    if (quote.book.venue !== "simp") return;
    this.#holds.during(event, "tick_size", quote.book, 800_000, () => {
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

  /** One book falls silent while the others of its connection move on. */
  #silence(event: EventState, quote: Quote): void {
    const duration = 3_000_000 + this.#rng.int(7_000_000);
    this.#holds.during(event, "silent_book", quote.book, duration, () => {
      quote.silentUntil = this.#delivery.now + duration;
    });
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
