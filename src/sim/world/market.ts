import { ASK, BID, type Rng, type Side } from "../../contracts/index.ts";
import type { HazardKind } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { Delivery } from "./delivery.ts";
import { GRID, PRICE_SCALE } from "./ladder.ts";
import type { EventState, Outcome, Quote } from "./state.ts";

const DEPTH = 5;
/** Levels further from the touch than this are tidied away. */
const MAX_STEPS = 12;
/** Latent probabilities stay where quotes lie outside the micro-price band. */
const MIN_LATENT = 300;
const MAX_LATENT = 9_300;

/**
 * Market makers and noise traders. The best quotes of a family never add up to an arbitrage: every quote keeps at
 * least 100 ticks from the latent probability and one move is at most 50.
 */
export class Market {
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;

  constructor(rng: Rng, agenda: Agenda, delivery: Delivery) {
    this.#rng = rng;
    this.#agenda = agenda;
    this.#delivery = delivery;
  }

  /** Sets the total at a price and says so when it changed. */
  setLevel(quote: Quote, side: Side, ticks: number, lots: number, hazard: HazardKind | null = null): void {
    const change = quote.ladder.set(side, ticks, lots);
    if (change !== 0) this.#delivery.level(quote, side, ticks, change, lots, hazard);
  }

  /** Removes every level of a side that is better than, or at, `limit`. */
  pull(quote: Quote, side: Side, limit: number): void {
    for (let best = quote.ladder.best(side); best !== -1; best = quote.ladder.best(side)) {
      if (side === BID ? best < limit : best > limit) return;
      this.setLevel(quote, side, best, 0);
    }
  }

  /** First sight of a book: full depth, delivered as one snapshot. */
  open(quote: Quote, outcome: Outcome): void {
    const target = targetOf(quote, outcome);
    for (let k = 0; k < DEPTH; k++) {
      const away = k * quote.stepTicks;
      if (target.bid - away > 0) quote.ladder.set(BID, target.bid - away, this.size(quote));
      if (target.ask + away < PRICE_SCALE) quote.ladder.set(ASK, target.ask + away, this.size(quote));
    }
    this.#delivery.snapshot(quote);
  }

  /** Brings the quotes of these outcomes back around their latent probabilities: first everything stale out, then in. */
  requote(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes)
      for (const quote of outcome.quotes) {
        const target = targetOf(quote, outcome);
        this.pull(quote, BID, target.bid + GRID);
        this.pull(quote, ASK, target.ask - GRID);
      }
    for (const outcome of outcomes)
      for (const quote of outcome.quotes) {
        const target = targetOf(quote, outcome);
        this.#fill(quote, BID, target.bid);
        this.#fill(quote, ASK, target.ask);
      }
  }

  /** Probability moves from one outcome to another by at most 50 ticks. */
  walk(event: EventState): void {
    const movable = event.outcomes.filter((outcome) => !outcome.pinned);
    const withHidden = event.hiddenTicks > 0;
    const from = this.#rng.int(movable.length + (withHidden ? 1 : 0));
    const to = this.#rng.int(movable.length + (withHidden ? 1 : 0));
    const step = GRID * (1 + this.#rng.int(5));
    const giver = movable[from];
    const taker = movable[to];
    if (from === to || (giver?.latentTicks ?? event.hiddenTicks) - step < MIN_LATENT) return;
    if ((taker?.latentTicks ?? event.hiddenTicks) + step > MAX_LATENT) return;
    if (giver === undefined) event.hiddenTicks -= step;
    else giver.latentTicks -= step;
    if (taker === undefined) event.hiddenTicks += step;
    else taker.latentTicks += step;
    const moved = [giver, taker].filter((outcome) => outcome !== undefined);
    for (const outcome of moved)
      for (const quote of outcome.quotes)
        if (this.#rng.int(6) === 0) quote.halfTicks = 100 + 50 * this.#rng.int(3);
    this.requote(moved);
  }

  /**
   * Someone changes, adds or takes back size. In a held event only the size of levels behind the best price changes:
   * a new level there could make more of a planted arbitrage than its label says.
   */
  noise(quote: Quote, held: boolean): void {
    const side = this.#rng.int(2) as Side;
    const best = quote.ladder.best(side);
    if (quote.silentUntil > this.#delivery.now) return;
    if (best === -1) {
      if (held) this.#comeBack(quote, side);
      return;
    }
    if (held) {
      this.#resize(quote, side, best);
      return;
    }
    const away = this.#rng.int(DEPTH + 1) * quote.stepTicks;
    const ticks = side === BID ? best - away : best + away;
    if (ticks <= 0 || ticks >= PRICE_SCALE) return;
    const remove = away > quote.stepTicks && quote.ladder.lots(side, ticks) > 0 && this.#rng.int(3) === 0;
    this.setLevel(quote, side, ticks, remove ? 0 : this.size(quote));
  }

  /** Another size at one of the levels behind the best price, however far away they are. */
  #resize(quote: Quote, side: Side, best: number): void {
    let ticks = quote.ladder.behind(side, best);
    for (let skip = this.#rng.int(DEPTH); skip > 0 && ticks !== -1; skip--) {
      const next = quote.ladder.behind(side, ticks);
      if (next === -1) break;
      ticks = next;
    }
    if (ticks !== -1) this.setLevel(quote, side, ticks, this.size(quote));
  }

  /** A market maker shows the empty side of a held book again, clear of the other side. */
  #comeBack(quote: Quote, side: Side): void {
    const other = quote.ladder.best(side === BID ? ASK : BID);
    if (other === -1) return;
    const distance = (2 + this.#rng.int(4)) * quote.stepTicks;
    const ticks = side === BID ? other - distance : other + distance;
    if (ticks > 0 && ticks < PRICE_SCALE) this.setLevel(quote, side, ticks, this.size(quote));
  }

  /** A taker hits the best price; when it is eaten up the market maker comes back a moment later. */
  trade(event: EventState, outcome: Outcome, quote: Quote): void {
    const taker = this.#rng.int(2) as Side;
    const hit = taker === BID ? ASK : BID;
    const ticks = quote.ladder.best(hit);
    if (ticks === -1) return;
    const there = quote.ladder.lots(hit, ticks);
    const lots = Math.min(there, this.#contracts(quote, 1 + this.#rng.int(60)));
    this.#delivery.trade(quote.book, taker, ticks, lots);
    this.setLevel(quote, hit, ticks, there - lots);
    if (there > lots) return;
    this.#agenda.add(this.#delivery.now + 50_000 + this.#rng.int(350_000), () => {
      if (event.open && event.holds === 0) this.requote([outcome]);
    });
  }

  /** A resting size in lots: 10 to 250 contracts, now and then with a fraction. */
  size(quote: Quote): number {
    const whole = this.#contracts(quote, 10 + this.#rng.int(240));
    return this.#rng.int(8) === 0 ? whole + (this.#contracts(quote, 1) / 100) * this.#rng.int(100) : whole;
  }

  #contracts(quote: Quote, count: number): number {
    return count * quote.book.listing.sizeScale;
  }

  #fill(quote: Quote, side: Side, touch: number): void {
    if (touch <= 0 || touch >= PRICE_SCALE) return;
    const outward = side === BID ? -quote.stepTicks : quote.stepTicks;
    if (quote.ladder.lots(side, touch) === 0) this.setLevel(quote, side, touch, this.size(quote));
    const deeper = touch + outward * (1 + this.#rng.int(DEPTH - 1));
    if (deeper > 0 && deeper < PRICE_SCALE && quote.ladder.lots(side, deeper) === 0)
      this.setLevel(quote, side, deeper, this.size(quote));
    const far = quote.ladder.behind(side, touch + outward * MAX_STEPS);
    if (far !== -1) this.setLevel(quote, side, far, 0);
  }
}

/** The market maker's best prices; 0 or PRICE_SCALE = none on that side. */
export function targetOf(quote: Quote, outcome: Outcome): { readonly bid: number; readonly ask: number } {
  const fair = quote.inverted ? PRICE_SCALE - outcome.latentTicks : outcome.latentTicks;
  const step = quote.stepTicks;
  const bid = Math.floor((fair - quote.halfTicks) / step) * step;
  const ask = Math.ceil((fair + quote.halfTicks) / step) * step;
  return { bid: Math.max(0, bid), ask: Math.min(PRICE_SCALE, ask) };
}
