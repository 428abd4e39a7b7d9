import type { Micros, Rng, VenueId } from "../../contracts/index.ts";
import type { ListedMarket } from "./listed-market.ts";
import type { Makers } from "./makers.ts";
import type { MatchingExchange } from "./matching-exchange.ts";
import type { Plants } from "./plants.ts";
import type { Schedule } from "./schedule.ts";
import type { Outcome, Topic } from "./topic.ts";

export type MarketFaultKind =
  | "tick_change"
  | "close_and_reopen"
  | "pause"
  | "resume"
  | "mass_cancel"
  | "burst"
  | "quiet";

/** A fault of an exchange itself. `symbol` null: it concerns the whole venue; `venue` null: all venues. */
export interface MarketFault {
  readonly at: Micros;
  readonly kind: MarketFaultKind;
  readonly venue: VenueId | null;
  readonly symbol: string | null;
}

/** Where a symbol's book is. */
export interface Spot {
  readonly topic: Topic;
  readonly outcome: Outcome;
  readonly exchange: MatchingExchange;
  readonly book: ListedMarket;
}

/** What the faults need of the market around them. */
export interface FaultGround {
  spot(venue: VenueId, symbol: string): Spot | undefined;
  /** A book of an open topic at random. */
  anySpot(): Spot | null;
  readonly venues: readonly VenueId[];
  burst(factor: number, until: Micros): void;
  quiet(venue: VenueId, until: Micros): void;
}

const MAX_LOG = 2_000;
const COME_BACK_MICROS = 500_000;
const LEAST_FAULT_MICROS = 2_000_000;
const MOST_FAULT_MICROS = 12_000_000;
const BURST_FACTOR = 100;
const LONGEST_BURST_MICROS = 2_000_000;
const RANDOM_KINDS: readonly MarketFaultKind[] = [
  "tick_change",
  "tick_change",
  "close_and_reopen",
  "pause",
  "mass_cancel",
  "mass_cancel",
  "burst",
  "quiet",
];

/** Faults of the exchanges themselves, on call or at random. Each marks what is planted where it strikes. */
export class MarketFaults {
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #makers: Makers;
  readonly #plants: Plants;
  readonly #ground: FaultGround;
  readonly #log: MarketFault[] = [];

  constructor(rng: Rng, schedule: Schedule, makers: Makers, plants: Plants, ground: FaultGround) {
    this.#rng = rng;
    this.#schedule = schedule;
    this.#makers = makers;
    this.#plants = plants;
    this.#ground = ground;
  }

  /** The last 2,000, oldest first. */
  list(): readonly MarketFault[] {
    return this.#log.slice();
  }

  /** The tick becomes ten times finer, or returns to the listing's. False: no such open market. */
  tickChange(venue: VenueId, symbol: string): boolean {
    return this.#at("tick_change", venue, symbol, ({ exchange, book, topic }) => {
      exchange.setStep(book, otherStep(book));
      this.#requoteSoon(topic);
    });
  }

  /** The market closes in mid-life and opens again, empty at first. */
  closeAndReopen(venue: VenueId, symbol: string, durationMicros: number): boolean {
    return this.#at("close_and_reopen", venue, symbol, (spot) => {
      spot.exchange.setStatus(spot.book, "closed");
      this.#schedule.after(durationMicros, () => this.#reopen(spot));
    });
  }

  pause(venue: VenueId, symbol: string): boolean {
    return this.#at("pause", venue, symbol, ({ exchange, book }) => exchange.setStatus(book, "paused"));
  }

  resume(venue: VenueId, symbol: string): boolean {
    const spot = this.#ground.spot(venue, symbol);
    if (spot?.book.status !== "paused") return false;
    this.#note("resume", venue, symbol);
    this.#reopen(spot);
    return true;
  }

  /** Every resting order of a market goes; makers come back half a second later. */
  massCancel(venue: VenueId, symbol: string): boolean {
    return this.#at("mass_cancel", venue, symbol, ({ exchange, book, topic }) => {
      exchange.clear(book, "cancelled");
      this.#requoteSoon(topic);
    });
  }

  /** Everything happens `factor` times as often. */
  activityBurst(factor: number, durationMicros: number): void {
    this.#note("burst", null, null);
    this.#ground.burst(factor, (this.#schedule.now + durationMicros) as Micros);
  }

  /** Nobody does anything at a venue; what must end or close still does. */
  quiet(venue: VenueId, durationMicros: number): void {
    const now = this.#schedule.now;
    this.#note("quiet", venue, null);
    this.#ground.quiet(venue, (now + durationMicros) as Micros);
    this.#plants.disturb(venue, now, (now + durationMicros) as Micros);
  }

  /** One fault at random, somewhere; what it breaks heals by itself. */
  strike(): void {
    const kind = RANDOM_KINDS[this.#rng.int(RANDOM_KINDS.length)]!;
    const duration = LEAST_FAULT_MICROS + this.#rng.int(MOST_FAULT_MICROS - LEAST_FAULT_MICROS);
    const { venues } = this.#ground;
    if (kind === "burst") this.activityBurst(BURST_FACTOR, Math.min(duration, LONGEST_BURST_MICROS));
    else if (kind === "quiet") this.quiet(venues[this.#rng.int(venues.length)]!, duration);
    else this.#strikeBook(kind, duration);
  }

  #strikeBook(kind: MarketFaultKind, duration: number): void {
    const spot = this.#ground.anySpot();
    if (spot === null) return;
    const { venue } = spot.exchange;
    const { symbol } = spot.book;
    if (kind === "tick_change") this.tickChange(venue, symbol);
    else if (kind === "close_and_reopen") this.closeAndReopen(venue, symbol, duration);
    else if (kind === "mass_cancel") this.massCancel(venue, symbol);
    else if (this.pause(venue, symbol)) this.#schedule.after(duration, () => this.resume(venue, symbol));
  }

  #at(kind: MarketFaultKind, venue: VenueId, symbol: string, strike: (spot: Spot) => void): boolean {
    const spot = this.#ground.spot(venue, symbol);
    if (spot === undefined || !spot.topic.open || spot.book.status !== "open") return false;
    this.#note(kind, venue, symbol);
    this.#plants.disturbTopic(spot.topic);
    strike(spot);
    return true;
  }

  #reopen({ topic, exchange, book }: Spot): void {
    if (!topic.open) return;
    exchange.setStatus(book, "open");
    this.#requoteSoon(topic);
  }

  #requoteSoon(topic: Topic): void {
    this.#schedule.after(COME_BACK_MICROS, () => {
      if (topic.open && topic.holds === 0) this.#makers.requote(topic.outcomes);
    });
  }

  #note(kind: MarketFaultKind, venue: VenueId | null, symbol: string | null): void {
    this.#log.push({ at: this.#schedule.now, kind, venue, symbol });
    if (this.#log.length > MAX_LOG) this.#log.shift();
  }
}

/** A tenth of the listing's step when it stands and can be had, ten times it when not; the listing's otherwise. */
function otherStep(book: ListedMarket): number {
  const { stepTicks } = book.grid;
  const listed = Math.max(...book.market.listing.tickRanges.map((range) => range.stepTicks));
  if (stepTicks !== listed) return listed;
  return listed % 10 === 0 ? listed / 10 : listed * 10;
}
