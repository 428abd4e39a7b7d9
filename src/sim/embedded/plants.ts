import {
  ASK,
  BID,
  type Lots,
  type Micros,
  PICO_ONE,
  type Rng,
  type Ticks,
  type VenueId,
} from "../../contracts/index.ts";
import { quantaText } from "../../proof/exact.ts";
import { type Makers, pullBeyond, setLevel } from "./makers.ts";
import type { DecoyReason, Plant, PlantStyle } from "./plant.ts";
import { cheapen, type Leg, lotsOf, type Portfolio, portfolioOf, profitOf } from "./plant-legs.ts";
import type { Schedule } from "./schedule.ts";
import { quotesOf, type Topic } from "./topic.ts";

const MAX_PLANTS = 20_000;
/** A topic closes at least this long after what is planted in it ended. */
const SETTLE_MICROS = 2_000_000;
/** Its books change this soon after planting and then about every second, so that sizes settle and quotes stay fresh. */
const FIRST_STIR_MICROS = 60_000;
const SECOND_STIR_MICROS = 200_000;
const STIR_EVERY_MICROS = 1_000_000;
const LEAST_CONTRACTS = 20;
const MOST_CONTRACTS = 200;
const WANTED_PARTS = 100;

interface Active {
  readonly topic: Topic;
  readonly until: number;
}

/** Puts labelled arbitrages and traps into the books and takes them away again. */
export class Plants {
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #makers: Makers;
  readonly #life: { readonly least: number; readonly most: number };
  readonly #choose: (suits: (topic: Topic) => boolean) => Topic | null;
  readonly #plants = new Map<number, Plant>();
  readonly #active = new Map<number, Active>();
  /** Until when a venue is disturbed: what is planted before is so from its start. */
  readonly #disturbed = new Map<VenueId, number>();
  #next = 1;

  /** @param choose an open, unheld topic that suits, at random; null when none was found. */
  constructor(
    rng: Rng,
    schedule: Schedule,
    makers: Makers,
    life: { readonly least: number; readonly most: number },
    choose: (suits: (topic: Topic) => boolean) => Topic | null,
  ) {
    this.#rng = rng;
    this.#schedule = schedule;
    this.#makers = makers;
    this.#life = life;
    this.#choose = choose;
  }

  /** Oldest first; the last 20,000. */
  list(): readonly Plant[] {
    return [...this.#plants.values()];
  }

  /** A genuine arbitrage within one venue; false when no topic was fit for it. */
  genuine(): boolean {
    const style: PlantStyle = this.#rng.int(3) === 0 ? "no_basket" : "yes_basket";
    const suits = (topic: Topic) => isLone(topic) && (isBasket(topic) || isNoBasket(topic, style));
    return this.#plant(suits, style, null, this.#contracts());
  }

  /** A genuine arbitrage between two venues. */
  cross(): boolean {
    const suits = (topic: Topic) => topic.slot.kind === "binary" && topic.events.length === 2;
    return this.#plant(suits, "cross", null, this.#contracts());
  }

  /** A trap. */
  decoy(): boolean {
    switch (this.#rng.int(3)) {
      case 0:
        return this.#plant(
          (topic) => isBasket(topic) && hasFee(topic),
          "yes_basket",
          "fees",
          this.#contracts(),
        );
      case 1:
        return this.#plant(
          (topic) => isBasket(topic) && tooSmall(topic) > 0n,
          "yes_basket",
          "too_small",
          null,
        );
      default: {
        const suits = (topic: Topic) => topic.slot.longshot && isLone(topic);
        return this.#plant(suits, "yes_basket", "micro_price", this.#contracts());
      }
    }
  }

  /** Labels an event that is a trap as long as it is open: its outcomes are not exhaustive. */
  standing(topic: Topic): void {
    const portfolio = portfolioOf(topic, "yes_basket");
    const contracts = 100n * PICO_ONE;
    const profit = portfolio === null ? null : profitOf(portfolio, contracts);
    if (portfolio === null || profit === null) return;
    this.#record(portfolio, "yes_basket", "not_exhaustive", contracts, profit, topic.closesAt);
  }

  /** A fault concerns a venue from `now` until `until`: what stands there then may rightly be missed. */
  disturb(venue: VenueId, now: Micros, until: Micros = now): void {
    this.#disturbed.set(venue, Math.max(until, this.#disturbed.get(venue) ?? 0));
    for (const [id, { until: end }] of this.#active)
      if (end >= now && this.#plants.get(id)?.legs.some((leg) => leg.venue === venue)) this.#mark(id);
  }

  /** A fault concerns one topic now. */
  disturbTopic(topic: Topic): void {
    for (const [id, active] of this.#active) if (active.topic === topic) this.#mark(id);
  }

  #plant(
    suits: (topic: Topic) => boolean,
    style: PlantStyle,
    decoy: DecoyReason | null,
    contracts: bigint | null,
  ): boolean {
    const lifetime = this.#lifetime();
    const end = this.#schedule.now + lifetime;
    const topic = this.#choose((each) => suits(each) && each.closesAt > end + SETTLE_MICROS);
    const portfolio = topic === null ? null : portfolioOf(topic, style);
    if (topic === null || portfolio === null) return false;
    const size = contracts ?? tooSmall(topic);
    if (!cheapen(portfolio, decoy, size, WANTED_PARTS + this.#rng.int(2 * WANTED_PARTS))) return false;
    topic.holds++;
    for (const leg of portfolio.legs) place(leg, lotsOf(leg.quote, size));
    const id = this.#record(portfolio, style, decoy, size, profitOf(portfolio, size)!, end);
    this.#active.set(id, { topic, until: end });
    this.#stirSoon(id, portfolio.legs);
    this.#schedule.add(end, () => {
      topic.holds--;
      this.#active.delete(id);
      // Also under a hold by someone else: what was planted must go at its labelled instant.
      if (topic.open) this.#makers.requote(topic.outcomes);
    });
    return true;
  }

  #stirSoon(id: number, legs: readonly Leg[]): void {
    for (const delay of [FIRST_STIR_MICROS, SECOND_STIR_MICROS])
      this.#schedule.after(delay, () => this.#stir(id, legs));
    const again = (): void => {
      if (!this.#active.has(id)) return;
      this.#stir(id, legs);
      this.#schedule.after(STIR_EVERY_MICROS, again);
    };
    this.#schedule.after(STIR_EVERY_MICROS, again);
  }

  /** Changes each book behind its best price. */
  #stir(id: number, legs: readonly Leg[]): void {
    if (!this.#active.has(id)) return;
    for (const { quote, side } of legs)
      if (!this.#makers.stir(quote, side)) this.#makers.stir(quote, side === ASK ? BID : ASK);
  }

  #record(
    { legs }: Portfolio,
    style: PlantStyle,
    decoy: DecoyReason | null,
    contracts: bigint,
    profit: bigint,
    until: number,
  ): number {
    const id = this.#next++;
    const from = this.#schedule.now;
    const venues = legs.map(({ quote }) => quote.exchange.venue);
    const first = legs[0]!.quote;
    this.#plants.set(id, {
      id,
      venue: first.exchange.venue,
      event: first.book.event.id,
      style,
      decoy,
      legs: legs.map(({ quote, side, ticks }) => ({
        venue: quote.exchange.venue,
        event: quote.book.event.id,
        symbol: quote.book.symbol,
        side,
        ticks: ticks as Ticks,
        lots: lotsOf(quote, contracts) as Lots,
      })),
      symbols: legs.map(({ quote }) => quote.book.symbol),
      lots: lotsOf(first, contracts) as Lots,
      profit: quantaText(profit),
      from,
      until: until as Micros,
      disturbed: venues.some((venue) => (this.#disturbed.get(venue) ?? 0) > from),
    });
    if (this.#plants.size > MAX_PLANTS) {
      const [oldest] = this.#plants.keys();
      this.#plants.delete(oldest!);
    }
    return id;
  }

  #mark(id: number): void {
    const plant = this.#plants.get(id);
    if (plant !== undefined) this.#plants.set(id, { ...plant, disturbed: true });
  }

  #lifetime(): number {
    const { least, most } = this.#life;
    return least + this.#rng.int(Math.max(1, most - least));
  }

  /** Whole contracts in quanta. */
  #contracts(): bigint {
    return BigInt(LEAST_CONTRACTS + this.#rng.int(MOST_CONTRACTS - LEAST_CONTRACTS)) * PICO_ONE;
  }
}

/** Puts a leg's price into its book; what already rests there stays, what lies in its way goes. */
function place({ quote, side, ticks }: Leg, lots: number): void {
  pullBeyond(quote, side === ASK ? BID : ASK, side === ASK ? ticks - 1 : ticks + 1);
  setLevel(quote, side, ticks, Math.max(lots, quote.book.side(side).anonymousLots(ticks)));
}

/** A fifth of the least order in quanta, in whole lot steps; 0 when there is no such size. */
function tooSmall(topic: Topic): bigint {
  const { book } = topic.outcomes[0]!.quotes[0]!;
  const { minLots, lotStep } = book.market.listing;
  const lots = Math.floor(minLots / 5 / lotStep) * lotStep;
  return (BigInt(lots) * PICO_ONE) / BigInt(book.sizeScale);
}

function isLone(topic: Topic): boolean {
  return topic.events.length === 1;
}

function isBasket(topic: Topic): boolean {
  return topic.slot.kind === "bucket" && isLone(topic) && !topic.slot.longshot;
}

/** Exclusive is enough for NO of every outcome. */
function isNoBasket(topic: Topic, style: PlantStyle): boolean {
  return style === "no_basket" && topic.slot.kind === "open_bucket";
}

function hasFee(topic: Topic): boolean {
  return quotesOf(topic).every(({ book }) => book.fees.taker.type !== "none");
}
