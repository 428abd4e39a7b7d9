import type { EmbeddedModule, Micros, Rng, Sha256Hex, Timers, VenueId } from "../../contracts/index.ts";
import { Makers } from "./makers.ts";
import { type FaultGround, MarketFaults } from "./market-faults.ts";
import { MatchingExchange } from "./matching-exchange.ts";
import { DEFAULT_EMBEDDED, type EmbeddedMarketOptions } from "./options.ts";
import type { Plant } from "./plant.ts";
import { Plants } from "./plants.ts";
import { Pulse } from "./pulse.ts";
import { Schedule } from "./schedule.ts";
import type { Topic } from "./topic.ts";
import { Topics } from "./topics.ts";

export interface EmbeddedMarketConfig {
  /** Each venue with its module; several venues may share one module. At least one. */
  readonly venues: readonly { readonly id: VenueId; readonly module: Pick<EmbeddedModule, "list"> }[];
  /** Drives everything; wall clock and simulated clock alike. */
  readonly clock: Timers;
  /** Forked, never drawn from. */
  readonly rng: Rng;
  readonly sha256: Sha256Hex;
  readonly options?: Partial<EmbeddedMarketOptions>;
}

/** Exchanges of several venues with makers, noise traders and planted arbitrage around one truth. */
export interface EmbeddedMarket {
  /** By venue id; every first event is listed and quoted from the beginning. */
  readonly exchanges: ReadonlyMap<VenueId, MatchingExchange>;
  /** Lets time begin: before it, nothing moves by itself. */
  start(): void;
  /** Ends it for good: no alarm is left, what is in the books stays. */
  stop(): void;
  /** The answer key: arbitrages and traps, oldest first, the last 20,000. */
  labels(): readonly Plant[];
  /** A fault outside the exchanges concerned a venue: what stands there (from `now` until `until`) may be missed. */
  disturb(venue: VenueId, now: Micros, until?: Micros): void;
  /** Faults of the exchanges themselves. */
  readonly faults: MarketFaults;
}

/**
 * Makes the embedded market:
 * `createEmbeddedMarket({ venues: [{ id, module }], clock, rng, sha256, options? })
 *   -> { exchanges: ReadonlyMap<VenueId, MatchingExchange>, start(), stop(), labels(), disturb(venue, now, until?), faults }`.
 *
 * The same configuration, seed and simulated clock give the same changes in the same order.
 * @throws RangeError when a module lists terms that cannot be traded, or the same id or symbol twice.
 */
export function createEmbeddedMarket(config: EmbeddedMarketConfig): EmbeddedMarket {
  return new LivingMarket(config);
}

class LivingMarket implements EmbeddedMarket {
  readonly exchanges: ReadonlyMap<VenueId, MatchingExchange>;
  readonly faults: MarketFaults;
  readonly #options: EmbeddedMarketOptions;
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #makers: Makers;
  readonly #topics: Topics;
  readonly #plants: Plants;
  readonly #pulse: Pulse;
  /** Venues at which nobody does anything, and until when. */
  readonly #quiet = new Map<VenueId, number>();
  #begun = false;

  constructor({ venues, clock, rng, sha256, options }: EmbeddedMarketConfig) {
    this.#options = { ...DEFAULT_EMBEDDED, ...options };
    this.#rng = rng.fork("turns");
    this.#schedule = new Schedule(clock);
    const schedule = this.#schedule;
    const exchanges = new Map(venues.map(({ id }) => [id, new MatchingExchange(id, clock)]));
    this.exchanges = exchanges;
    for (const exchange of exchanges.values())
      for (const { name, cash } of this.#options.accounts) exchange.deposit(name, cash);
    this.#makers = new Makers(rng.fork("makers"), schedule);
    this.#pulse = new Pulse(rng.fork("pulse"), schedule, this.#options.eventsPerSecond);
    const parts = {
      venues: venues.map(({ id, module }) => ({ exchange: exchanges.get(id)!, module })),
      rng: rng.fork("topics"),
      sha256,
      schedule,
      makers: this.#makers,
      options: this.#options,
    };
    this.#topics = new Topics(parts, (topic) => this.#opened(topic));
    const { plantLifeMicros } = this.#options;
    const plantRng = rng.fork("plants");
    this.#plants = new Plants(plantRng, schedule, this.#makers, plantLifeMicros, (suits) =>
      this.#topics.choose(plantRng, (topic) => suits(topic) && !this.#isQuiet(topic)),
    );
    this.faults = new MarketFaults(
      rng.fork("faults"),
      schedule,
      this.#makers,
      this.#plants,
      this.#ground(rng.fork("spots")),
    );
    this.#topics.begin();
  }

  start(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#schedule.start();
    const { plantEveryMicros, crossEveryMicros, decoyEveryMicros, faultEveryMicros } = this.#options;
    this.#pulse.begin(() => this.#turn());
    this.#every(plantEveryMicros, () => this.#plants.genuine());
    this.#every(crossEveryMicros, () => this.#plants.cross());
    this.#every(decoyEveryMicros, () => this.#plants.decoy());
    this.#every(faultEveryMicros, () => this.faults.strike());
  }

  stop(): void {
    this.#schedule.stop();
    for (const exchange of this.exchanges.values()) exchange.close();
  }

  labels(): readonly Plant[] {
    return this.#plants.list();
  }

  disturb(venue: VenueId, now: Micros, until?: Micros): void {
    this.#plants.disturb(venue, now, until);
  }

  /** One small thing happens somewhere. */
  #turn(): void {
    const topic = this.#topics.pick(this.#rng);
    if (!topic.open || this.#isQuiet(topic)) return;
    const outcome = topic.outcomes[this.#rng.int(topic.outcomes.length)]!;
    const quote = outcome.quotes[this.#rng.int(outcome.quotes.length)]!;
    const chance = this.#rng.int(100);
    const held = topic.holds > 0;
    if (chance < 72) this.#makers.noise(quote, outcome, held);
    else if (held) return;
    else if (chance < 86) this.#makers.trade(topic, outcome, quote);
    else this.#makers.walk(topic);
  }

  #opened(topic: Topic): void {
    if (topic.slot.kind === "open_bucket") this.#plants.standing(topic);
  }

  #isQuiet(topic: Topic): boolean {
    if (this.#quiet.size === 0) return false;
    const now = this.#schedule.now;
    return topic.events.some(({ exchange }) => (this.#quiet.get(exchange.venue) ?? 0) > now);
  }

  #every(meanMicros: number, task: () => void): void {
    if (meanMicros > 0) this.#schedule.every(meanMicros, this.#rng, task);
  }

  #ground(rng: Rng): FaultGround {
    return {
      venues: [...this.exchanges.keys()],
      spot: (venue, symbol) => this.#topics.spot(venue, symbol),
      anySpot: () => {
        const topic = this.#topics.choose(rng, () => true);
        if (topic === null) return null;
        const outcome = topic.outcomes[rng.int(topic.outcomes.length)]!;
        const { exchange, book } = outcome.quotes[rng.int(outcome.quotes.length)]!;
        return { topic, outcome, exchange, book };
      },
      burst: (factor, until) => this.#pulse.burst(factor, until),
      quiet: (venue, until) => this.#quiet.set(venue, Math.max(until, this.#quiet.get(venue) ?? 0)),
    };
  }
}
