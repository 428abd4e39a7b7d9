import {
  ASK,
  BID,
  formatDecimal,
  type Lots,
  type Micros,
  type Rng,
  type Side,
} from "../../contracts/index.ts";
import type { DecoyReason, Plant, PlantStyle } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import { buyCost } from "./cost.ts";
import type { Delivery } from "./delivery.ts";
import { PRICE_SCALE } from "./ladder.ts";
import type { Market } from "./market.ts";
import { type EventState, type Outcome, type Quote, quotesOf } from "./state.ts";

const PICO_DIGITS = 12;
const PICO_PER_TICK = 100_000_000n;
const MAX_PLANTS = 10_000;
/** Planted quotes stay well inside the micro-price band. */
const LOWEST_TICKS = 300;
const SETTLE_MICROS = 2_000_000;
/** Genuine arbitrages by how often they are planted. */
const STYLES: readonly PlantStyle[] = ["yes_basket", "yes_basket", "no_basket", "intra_pair"];

interface Leg {
  readonly quote: Quote;
  /** Side of the book that is taken, and at which price on the book's own scale. */
  readonly side: Side;
  ticks: number;
}

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
    const legs = this.#legs(event, style, decoy, lots);
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

  /** Legs with prices moved until the wanted edge is there, or null when this event cannot give it. */
  #legs(
    event: EventState,
    style: PlantStyle,
    decoy: DecoyReason | null,
    lots: number,
  ): readonly Leg[] | null {
    const side: Side = style === "no_basket" ? BID : ASK;
    const legs = quotesOf(event).map((quote): Leg => ({ quote, side, ticks: quote.ladder.best(side) }));
    if (legs.some((leg) => leg.ticks === -1)) return null;
    const wanted = decoy === "fees" ? 0 : 100 + this.#rng.int(200);
    for (let moves = 0; moves < 600; moves++) {
      const enough =
        decoy === "fees"
          ? gross(event, style, legs) >= 60
          : profit(event, style, legs, lots) >= perLot(event, wanted, lots);
      if (enough) return decoy === "fees" && profit(event, style, legs, lots) >= 0n ? null : legs;
      const leg = dearest(decoy === "stale_leg" ? legs.slice(0, 1) : legs);
      if (claimPrice(leg) - leg.quote.stepTicks < LOWEST_TICKS) return null;
      leg.ticks += leg.side === ASK ? -leg.quote.stepTicks : leg.quote.stepTicks;
    }
    return null;
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

  /** Mostly one to five seconds, one in ten up to twenty. */
  #lifetime(): number {
    return this.#rng.int(10) === 0
      ? 5_000_000 + this.#rng.int(15_000_000)
      : 1_000_000 + this.#rng.int(4_000_000);
  }

  #lots(event: EventState, contracts: number): number {
    return contracts * quotesOf(event)[0]!.book.listing.sizeScale;
  }
}

/** Profit in Pico of buying every leg's claim at its price, if labels and quotes are what they seem. */
function profit(event: EventState, style: PlantStyle, legs: readonly Leg[], lots: number): bigint {
  const { sizeScale } = legs[0]!.quote.book.listing;
  const sets = style === "no_basket" ? legs.length - 1 : 1;
  const pays = perLot(event, sets * PRICE_SCALE, lots);
  return legs.reduce((left, leg) => left - buyCost(event.fee, claimPrice(leg), lots, sizeScale), pays);
}

/** Ticks per set before fees. */
function gross(event: EventState, style: PlantStyle, legs: readonly Leg[]): number {
  const sets = style === "no_basket" ? event.outcomes.length - 1 : 1;
  return legs.reduce((left, leg) => left - claimPrice(leg), sets * PRICE_SCALE);
}

function perLot(event: EventState, ticks: number, lots: number): bigint {
  const { sizeScale } = quotesOf(event)[0]!.book.listing;
  return (BigInt(ticks) * BigInt(lots) * PICO_PER_TICK) / BigInt(sizeScale);
}

function claimPrice(leg: Leg): number {
  return leg.side === ASK ? leg.ticks : PRICE_SCALE - leg.ticks;
}

/** The leg whose claim costs most and may move; a longshot stays where it is. */
function dearest(legs: readonly Leg[]): Leg {
  return legs.reduce((best, leg) => (claimPrice(leg) > claimPrice(best) ? leg : best));
}

function askOf(quote: Quote): number {
  return quote.ladder.best(ASK);
}

function isBasket(event: EventState): boolean {
  return event.kind === "bucket" && !hasLongshot(event);
}

function isPair(event: EventState): boolean {
  return event.kind === "pair";
}

function hasLongshot(event: EventState): boolean {
  return event.outcomes.some((outcome) => outcome.pinned);
}

function isFree(event: EventState): boolean {
  return event.fee.type === "kalshi" && event.fee.takerRate === "0";
}

function yesOnly(event: EventState): Outcome {
  const [outcome] = event.outcomes;
  return { ...outcome!, quotes: outcome!.quotes.slice(0, 1) };
}
