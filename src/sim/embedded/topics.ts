import type { EmbeddedModule, Micros, Rng, Sha256Hex, VenueId } from "../../contracts/index.ts";
import type { Makers } from "./makers.ts";
import type { Spot } from "./market-faults.ts";
import type { MatchingExchange } from "./matching-exchange.ts";
import type { EmbeddedMarketOptions } from "./options.ts";
import type { Schedule } from "./schedule.ts";
import { drawTruth, drawWinner, type Outcome, type Quote, type Topic } from "./topic.ts";
import { type Slot, slotsOf, specOf } from "./universe.ts";

const SECOND = 1_000_000;
/** Picks tried until one suits. */
const MAX_PICKS = 64;
const PERMILLE = 1_000;

export interface TopicsParts {
  readonly venues: readonly {
    readonly exchange: MatchingExchange;
    readonly module: Pick<EmbeddedModule, "list">;
  }[];
  readonly rng: Rng;
  readonly sha256: Sha256Hex;
  readonly schedule: Schedule;
  readonly makers: Makers;
  readonly options: EmbeddedMarketOptions;
}

/** The topics that are open, from listing to close, resolution and the next generation. */
export class Topics {
  readonly #parts: TopicsParts;
  readonly #topics: Topic[] = [];
  readonly #spots = new Map<VenueId, Map<string, Spot>>();
  readonly #opened: (topic: Topic) => void;

  /** @param opened called when a topic's books are quoted for the first time. */
  constructor(parts: TopicsParts, opened: (topic: Topic) => void) {
    this.#parts = parts;
    this.#opened = opened;
    for (const { exchange } of parts.venues) this.#spots.set(exchange.venue, new Map());
  }

  /** Lists the first generation of everything, in mid-life. */
  begin(): void {
    const { venues, options } = this.#parts;
    const slots = slotsOf(venues.length, options.marketsPerVenue, options.coherentPermille);
    slots.forEach((slot, place) => {
      this.#list(place, slot, 0, options.eventLifeMicros / 10);
    });
  }

  /** One topic at random, the busy ones far more often. */
  pick(rng: Rng): Topic {
    const chance = rng.next();
    return this.#topics[Math.floor(this.#topics.length * chance * chance)]!;
  }

  /** A random open topic that nobody holds, that trades everywhere and suits; null when none was found. */
  choose(rng: Rng, suits: (topic: Topic) => boolean): Topic | null {
    for (let i = 0; i < MAX_PICKS; i++) {
      const topic = this.pick(rng);
      if (topic.open && topic.holds === 0 && suits(topic) && isTrading(topic)) return topic;
    }
    return null;
  }

  spot(venue: VenueId, symbol: string): Spot | undefined {
    return this.#spots.get(venue)?.get(symbol);
  }

  #list(place: number, slot: Slot, generation: number, leastLife: number): void {
    const { rng, schedule, makers, options } = this.#parts;
    const now = schedule.now;
    const most = (options.eventLifeMicros * 3) / 2;
    const life = leastLife + rng.next() * (most - leastLife);
    const closesAt = (Math.ceil((now + life) / SECOND) * SECOND) as Micros;
    const topic = this.#make(slot, generation, now, closesAt);
    this.#topics[place] = topic;
    for (const outcome of topic.outcomes)
      for (const quote of outcome.quotes) {
        this.#spots
          .get(quote.exchange.venue)!
          .set(quote.book.symbol, { topic, outcome, exchange: quote.exchange, book: quote.book });
        makers.open(quote, outcome);
      }
    this.#opened(topic);
    schedule.add(closesAt, () => this.#close(place, topic));
  }

  #make(slot: Slot, generation: number, opensAt: Micros, closesAt: Micros): Topic {
    const { venues, rng, sha256, makers } = this.#parts;
    const spec = specOf(slot, generation, opensAt, closesAt);
    const truth = drawTruth(slot, rng);
    const listed = slot.venues.map((position) => {
      const { exchange, module } = venues[position]!;
      const event = module.list(spec, exchange.venue, sha256);
      if (event.markets.length < slot.outcomes)
        throw new RangeError(`${exchange.venue} lists ${event.markets.length} markets of ${spec.topic}`);
      return { exchange, event, books: exchange.list(event) };
    });
    const outcomes = truth.parts.map((parts, index): Outcome => {
      const pinned = slot.longshot && index === slot.outcomes - 1;
      const quotes = listed.map(({ exchange, event, books }): Quote => {
        const at = event.markets.findIndex((market) => market.outcome === index);
        return { exchange, book: books[at]!, outcome: index, halfParts: makers.half(pinned) };
      });
      return { parts, pinned, quotes };
    });
    const events = listed.map(({ exchange, event }) => ({ exchange, event }));
    return { slot, generation, outcomes, events, hiddenParts: truth.hidden, holds: 0, open: true, closesAt };
  }

  /** Trading ends at every venue at once; the truth comes out a little later, the same everywhere. */
  #close(place: number, topic: Topic): void {
    const { schedule, rng, options } = this.#parts;
    topic.open = false;
    for (const { quotes } of topic.outcomes)
      for (const { exchange, book } of quotes) exchange.setStatus(book, "closed");
    const delay = options.resolveAfterMicros * (1 + rng.next());
    schedule.after(Math.ceil(delay), () => {
      this.#resolve(topic);
      this.#list(place, topic.slot, topic.generation + 1, options.eventLifeMicros / 2);
    });
  }

  #resolve(topic: Topic): void {
    const { rng, schedule, options } = this.#parts;
    const half = topic.slot.kind === "binary" && rng.int(PERMILLE) < options.halfPermille;
    const winner = drawWinner(topic, rng);
    topic.outcomes.forEach(({ quotes }, index) => {
      for (const { exchange, book } of quotes) {
        exchange.resolve(book, half ? "0.5" : index === winner ? "1" : "0");
        this.#spots.get(exchange.venue)!.delete(book.symbol);
      }
    });
    schedule.after(options.forgetAfterMicros, () => {
      for (const { exchange, event } of topic.events) exchange.forget(event.id);
    });
  }
}

function isTrading(topic: Topic): boolean {
  return topic.outcomes.every(({ quotes }) => quotes.every(({ book }) => book.status === "open"));
}
