import { ASK, BID, formatDecimal, type Lots, type Micros, type Rng } from "../../contracts/index.ts";
import type { DecoyReason, Plant, PlantStyle } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { Delivery } from "./delivery.ts";
import type { Market } from "./market.ts";
import {
  askOf,
  hasLongshot,
  isBasket,
  isFree,
  isPair,
  type Leg,
  legsFor,
  profit,
  yesOnly,
} from "./plant-legs.ts";
import { type EventState, quotesOf } from "./state.ts";

const PICO_DIGITS = 12;
const MAX_PLANTS = 10_000;
const SETTLE_MICROS = 2_000_000;
/** Genuine arbitrages by how often they are planted. */
const STYLES: readonly PlantStyle[] = ["yes_basket", "yes_basket", "no_basket", "intra_pair"];

/** Puts labelled arbitrages and traps into the books and takes them away again. */
export class Plants {
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;
  readonly #market: Market;
  readonly #plants: Plant[] = [];
  readonly #active = new Map<number, readonly Leg[]>();
  #next = 1;

  constructor(rng: Rng, agenda: Agenda, delivery: Delivery, market: Market) {
    this.#rng = rng;
    this.#agenda = agenda;
    this.#delivery = delivery;
    this.#market = market;
  }

  /** Every plant so far, oldest first; the last 10,000. */
  list(): readonly Plant[] {
    return this.#plants.slice();
  }

  /** A genuine arbitrage somewhere; false when no event was fit for it. */
  genuine(events: readonly EventState[]): boolean {
    const lifetime = this.#lifetime();
    const wanted = STYLES[this.#rng.int(STYLES.length)]!;
    const event =
      this.#choose(events, lifetime, wanted === "intra_pair" ? isPair : isBasket) ??
      this.#choose(events, lifetime, (e) => isPair(e) || isBasket(e));
    if (event === null) return false;
    const style = isPair(event) ? "intra_pair" : wanted === "no_basket" ? "no_basket" : "yes_basket";
    return this.#plant(event, style, null, lifetime, this.#lots(event, 20 + this.#rng.int(180)));
  }

  /** A trap of one of the kinds that are planted in a single event at one instant. */
  decoy(events: readonly EventState[]): boolean {
    const lifetime = this.#lifetime();
    switch (this.#rng.int(3)) {
      case 0: {
        const event = this.#choose(
          events,
          lifetime,
          (e) => isBasket(e) && e.fee.type !== "none" && !isFree(e),
        );
        return event !== null && this.#plant(event, "yes_basket", "fees", lifetime, this.#lots(event, 100));
      }
      case 1: {
        const event = this.#choose(events, lifetime, isBasket);
        if (event === null) return false;
        const { minLots } = quotesOf(event)[0]!.book.listing;
        return this.#plant(event, "yes_basket", "too_small", lifetime, Math.floor(minLots / 5));
      }
      default: {
        const event = this.#choose(events, lifetime, hasLongshot);
        return (
          event !== null && this.#plant(event, "yes_basket", "micro_price", lifetime, this.#lots(event, 100))
        );
      }
    }
  }

  /**
   * The YES book of a pair moves down while its NO book, on a silent connection, cannot answer.
   * The caller holds the event and keeps the connection silent until after `lifetime`.
   */
  staleLeg(event: EventState, lifetime: number): boolean {
    return this.#plant(event, "intra_pair", "stale_leg", lifetime, this.#lots(event, 100));
  }

  /** Labels an event that is a trap as long as it is open: its outcomes are not exhaustive. */
  standing(event: EventState): void {
    const lots = this.#lots(event, 100);
    const legs = event.outcomes.map(
      (o): Leg => ({ quote: o.quotes[0]!, side: ASK, ticks: askOf(o.quotes[0]!) }),
    );
    if (legs.some((leg) => leg.ticks === -1)) return;
    const edge = profit(event, "yes_basket", legs, lots);
    this.#record(event, "yes_basket", "not_exhaustive", legs, lots, edge, event.closesAt);
  }

  /** A fault struck a connection: what is planted on it may rightly be missed. */
  disturb(connection: number): void {
    for (const [id, legs] of this.#active)
      if (legs.some((leg) => leg.quote.book.connection === connection))
        this.#replace(id, { disturbed: true });
  }

  /** True while something is planted on a connection. */
  isBusy(connection: number): boolean {
    return [...this.#active.values()].some((legs) =>
      legs.some((leg) => leg.quote.book.connection === connection),
    );
  }

  #plant(
    event: EventState,
    style: PlantStyle,
    decoy: DecoyReason | null,
    lifetime: number,
    lots: number,
  ): boolean {
    const wanted = decoy === "fees" ? 0 : 100 + this.#rng.int(200);
    const legs = legsFor(event, style, decoy, lots, wanted);
    if (legs === null) return false;
    event.holds++;
    for (const leg of legs) this.#place(leg, lots, decoy);
    const until = this.#delivery.now + lifetime;
    const id = this.#record(event, style, decoy, legs, lots, profit(event, style, legs, lots), until);
    this.#active.set(id, legs);
    this.#agenda.add(until, () => {
      event.holds--;
      // Also under a hold by someone else: what was planted must go at its labelled instant.
      if (event.open) this.#market.requote(decoy === "stale_leg" ? [yesOnly(event)] : event.outcomes);
      this.#active.delete(id);
    });
    return true;
  }

  /** What already rests at a price stays: a trap too small in one leg is too small. */
  #place(leg: Leg, lots: number, decoy: DecoyReason | null): void {
    const { quote, side, ticks } = leg;
    if (decoy === "stale_leg" && quote.inverted) return;
    this.#market.pull(quote, side === ASK ? BID : ASK, ticks);
    const there = quote.ladder.lots(side, ticks);
    this.#market.setLevel(quote, side, ticks, Math.max(there, lots));
  }

  #choose(
    events: readonly EventState[],
    lifetime: number,
    suits: (e: EventState) => boolean,
  ): EventState | null {
    const end = this.#delivery.now + lifetime + SETTLE_MICROS;
    const able = events.filter(
      (event) =>
        event.open &&
        event.holds === 0 &&
        event.closesAt > end &&
        suits(event) &&
        quotesOf(event).every((quote) => this.#delivery.healthy(quote.book.connection)),
    );
    return able.length === 0 ? null : able[this.#rng.int(able.length)]!;
  }

  #record(
    event: EventState,
    style: PlantStyle,
    decoy: DecoyReason | null,
    legs: readonly Leg[],
    lots: number,
    edge: bigint,
    until: number,
  ): number {
    const id = this.#next++;
    this.#plants.push({
      id,
      decoy,
      family: event.family.id,
      style,
      symbols: legs.map((leg) => leg.quote.book.symbol),
      lots: lots as Lots,
      edge: formatDecimal(edge, PICO_DIGITS),
      from: this.#delivery.lastAt,
      until: until as Micros,
      disturbed: false,
    });
    if (this.#plants.length > MAX_PLANTS) this.#plants.shift();
    return id;
  }

  #replace(id: number, change: Partial<Plant>): void {
    const at = this.#plants.findLastIndex((plant) => plant.id === id);
    if (at !== -1) this.#plants[at] = { ...this.#plants[at]!, ...change };
  }

  /** One in three one to four seconds (gone before its size settles), the others four to sixteen. */
  #lifetime(): number {
    return this.#rng.int(3) === 0
      ? 1_000_000 + this.#rng.int(3_000_000)
      : 4_000_000 + this.#rng.int(12_000_000);
  }

  #lots(event: EventState, contracts: number): number {
    return contracts * quotesOf(event)[0]!.book.listing.sizeScale;
  }
}
