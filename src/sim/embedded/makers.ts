import { ASK, BID, type Rng, type Side } from "../../contracts/index.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { Schedule } from "./schedule.ts";
import { type Outcome, PART_STEP, PARTS, type Quote, type Topic } from "./topic.ts";

const DEPTH = 5;
/** Levels kept on a side; what lies further behind is tidied away. */
const MAX_LEVELS = 12;
/** Probabilities stay where quotes lie clear of micro prices. */
const MIN_PARTS = 300;
const MAX_PARTS = 9_300;
const HALF_PARTS = [100, 150, 200] as const;

/**
 * Market makers and noise traders. Every unplanned bid lies below the probability of its outcome and every unplanned
 * ask above it, at all venues and at all times. Probabilities of a topic add up to one, so no set of quotes is an
 * arbitrage: each of its legs costs more than it is worth under that one measure (first fundamental theorem of asset
 * pricing).
 */
export class Makers {
  readonly #rng: Rng;
  readonly #schedule: Schedule;

  constructor(rng: Rng, schedule: Schedule) {
    this.#rng = rng;
    this.#schedule = schedule;
  }

  /** Distance of a new quote's best prices from the probability. */
  half(pinned: boolean): number {
    return pinned ? PARTS / 200 : HALF_PARTS[this.#rng.int(HALF_PARTS.length)]!;
  }

  /** Full depth in an empty book. */
  open(quote: Quote, outcome: Outcome): void {
    for (const side of [BID, ASK] as const) {
      let ticks = touchOf(quote, outcome, side);
      for (let k = 0; k < DEPTH && ticks !== -1; k++) {
        quote.exchange.quote(quote.book, side, ticks, this.size(quote.book));
        ticks = quote.book.grid.away(side, ticks, 1);
      }
    }
  }

  /** Brings quotes back around their probabilities: first everything stale goes, at all venues, then the new come. */
  requote(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes)
      for (const quote of outcome.quotes) {
        pullBeyond(quote, BID, touchOf(quote, outcome, BID));
        pullBeyond(quote, ASK, touchOf(quote, outcome, ASK));
      }
    for (const outcome of outcomes)
      for (const quote of outcome.quotes) {
        this.#fill(quote, BID, touchOf(quote, outcome, BID));
        this.#fill(quote, ASK, touchOf(quote, outcome, ASK));
      }
  }

  /** Probability moves from one outcome to another by at most 50 parts; every venue follows at once. */
  walk(topic: Topic): void {
    const movable = topic.outcomes.filter((outcome) => !outcome.pinned);
    const places = movable.length + (topic.hiddenParts > 0 ? 1 : 0);
    const giver = movable[this.#rng.int(places)];
    const taker = movable[this.#rng.int(places)];
    const step = PART_STEP * (1 + this.#rng.int(5));
    if (giver === taker || (giver?.parts ?? topic.hiddenParts) - step < MIN_PARTS) return;
    if ((taker?.parts ?? topic.hiddenParts) + step > MAX_PARTS) return;
    if (giver === undefined) topic.hiddenParts -= step;
    else giver.parts -= step;
    if (taker === undefined) topic.hiddenParts += step;
    else taker.parts += step;
    const moved = [giver, taker].filter((outcome) => outcome !== undefined);
    for (const outcome of moved)
      for (const quote of outcome.quotes) if (this.#rng.int(6) === 0) quote.halfParts = this.half(false);
    this.requote(moved);
  }

  /**
   * Someone changes, adds or takes back size, never better than the maker's own price. In a held topic only sizes
   * behind the best price change, so that a planted arbitrage stays what its label says.
   */
  noise(quote: Quote, outcome: Outcome, held: boolean): void {
    const side = this.#rng.int(2) as Side;
    if (held) {
      this.stir(quote, side);
      return;
    }
    const { book } = quote;
    const touch = touchOf(quote, outcome, side);
    if (touch === -1) return;
    const away = this.#rng.int(DEPTH + 1);
    const ticks = book.grid.away(side, touch, away);
    if (ticks === -1) return;
    const there = book.side(side).anonymousLots(ticks);
    const remove = away > 1 && there > 0 && this.#rng.int(3) === 0;
    setLevel(quote, side, ticks, remove ? 0 : this.size(book));
  }

  /** Another size at one of the levels behind the best price; nothing when there is none. @returns whether it changed. */
  stir(quote: Quote, side: Side): boolean {
    const book = quote.book.side(side);
    if (book.depth < 2) return false;
    const level = book.behind(1 + this.#rng.int(Math.min(DEPTH, book.depth - 1)))!;
    const there = book.anonymousLots(level.ticks);
    if (there === 0) return false;
    const size = this.size(quote.book);
    setLevel(quote, side, level.ticks, size === there ? size + this.contracts(quote.book, 1) : size);
    return true;
  }

  /** A taker hits the best price; the market maker comes back a moment later when it was eaten up. */
  trade(topic: Topic, outcome: Outcome, quote: Quote): void {
    const { book, exchange } = quote;
    const taker = this.#rng.int(2) as Side;
    const hit = book.side(taker === BID ? ASK : BID);
    const level = hit.bestLevel();
    if (level === undefined) return;
    const { ticks } = level;
    exchange.hit(book, taker, ticks, Math.min(level.lots, this.contracts(book, 1 + this.#rng.int(60))));
    if (hit.lots(ticks) > 0) return;
    this.#schedule.after(50_000 + this.#rng.int(350_000), () => {
      if (topic.open && topic.holds === 0) this.requote([outcome]);
    });
  }

  /** A resting size in lots: 10 to 250 contracts, now and then with a fraction. */
  size(book: ListedMarket): number {
    const whole = this.contracts(book, 10 + this.#rng.int(240));
    const { lotStep } = book.market.listing;
    const steps = Math.floor(book.sizeScale / lotStep);
    return steps > 1 && this.#rng.int(8) === 0 ? whole + lotStep * this.#rng.int(steps) : whole;
  }

  contracts(book: ListedMarket, count: number): number {
    return count * book.sizeScale;
  }

  #fill(quote: Quote, side: Side, touch: number): void {
    if (touch === -1) return;
    const book = quote.book.side(side);
    if (book.anonymousLots(touch) === 0) quote.exchange.quote(quote.book, side, touch, this.size(quote.book));
    const deeper = quote.book.grid.away(side, touch, 1 + this.#rng.int(DEPTH - 1));
    if (deeper !== -1 && book.anonymousLots(deeper) === 0)
      quote.exchange.quote(quote.book, side, deeper, this.size(quote.book));
    tidy(quote, side);
  }
}

/** Takes the furthest anonymous levels away until few enough are left. */
function tidy({ exchange, book }: Quote, side: Side): void {
  const levels = book.side(side);
  for (let i = levels.depth - 1; i >= 0 && levels.depth > MAX_LEVELS; i--) {
    const { ticks } = levels.behind(i)!;
    exchange.withdraw(book, side, ticks, levels.anonymousLots(ticks));
  }
}

/** The maker's best price of a side, rounded away from the probability onto the tick grid; -1 = none. */
export function touchOf(quote: Quote, outcome: Outcome, side: Side): number {
  const { grid, priceScale } = quote.book;
  const parts = side === BID ? outcome.parts - quote.halfParts : outcome.parts + quote.halfParts;
  const scaled = (parts * priceScale) / PARTS;
  return grid.outward(side, side === BID ? Math.floor(scaled) : Math.ceil(scaled));
}

/** Sets the anonymous size at a price. */
export function setLevel(quote: Quote, side: Side, ticks: number, lots: number): void {
  const change = lots - quote.book.side(side).anonymousLots(ticks);
  if (change > 0) quote.exchange.quote(quote.book, side, ticks, change);
  else if (change < 0) quote.exchange.withdraw(quote.book, side, ticks, -change);
}

/** Withdraws all anonymous liquidity of a side that is better than `limit`; -1 = all of it. */
export function pullBeyond(quote: Quote, side: Side, limit: number): void {
  const book = quote.book.side(side);
  for (let i = 0; i < book.depth; ) {
    const { ticks } = book.behind(i)!;
    const stays = limit !== -1 && (side === BID ? ticks <= limit : ticks >= limit);
    if (stays) return;
    const depth = book.depth;
    quote.exchange.withdraw(quote.book, side, ticks, book.anonymousLots(ticks));
    // A level that an account keeps alive stays in place; look behind it.
    if (book.depth === depth) i++;
  }
}
