import type { Micros, Rng } from "../../contracts/index.ts";
import type { Plant, WorldAction, WorldBook } from "./actions.ts";
import { Agenda } from "./agenda.ts";
import { Delivery } from "./delivery.ts";
import { Hazards } from "./hazards.ts";
import { Market } from "./market.ts";
import type { WorldOptions } from "./options.ts";
import { Plants } from "./plants.ts";
import { type EventState, type EventTemplate, quotesOf } from "./state.ts";
import { CONNECTIONS, templatesOf, Universe } from "./universe.ts";

/** Actions that one turn of the market gives on average, measured over many seeds; turns the wanted rate into a pace. */
const ACTIONS_PER_TURN = 1.25;
const SECOND = 1_000_000;

/** A seeded little world of prediction markets: the same options and seed give the same actions, for ever. */
export interface World {
  /** The next action in time order. Never ends. */
  next(): WorldAction;
  /** The answer key: every labelled arbitrage and trap so far. */
  plants(): readonly Plant[];
  /** Books open now. */
  books(): readonly WorldBook[];
  /** Wire of a connection's venue, for choosing an encoder. */
  readonly connections: typeof CONNECTIONS;
}

/** Makes a world. `rng` is forked, never drawn from. */
export function createWorld(options: WorldOptions, rng: Rng): World {
  return new SimulatedWorld(options, rng);
}

class SimulatedWorld implements World {
  readonly connections = CONNECTIONS;
  readonly #options: WorldOptions;
  readonly #agenda = new Agenda();
  readonly #out: WorldAction[] = [];
  readonly #events: EventState[] = [];
  readonly #rng: Rng;
  readonly #universe: Universe;
  readonly #delivery: Delivery;
  readonly #market: Market;
  readonly #plants: Plants;
  readonly #hazards: Hazards;
  #read = 0;

  constructor(options: WorldOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng.fork("world");
    this.#universe = new Universe(rng.fork("universe"), options.sha256);
    this.#delivery = new Delivery(rng.fork("delivery"), this.#out);
    this.#market = new Market(rng.fork("market"), this.#agenda, this.#delivery);
    this.#plants = new Plants(rng.fork("plants"), this.#agenda, this.#delivery, this.#market);
    this.#hazards = new Hazards(
      rng.fork("hazards"),
      this.#agenda,
      this.#delivery,
      this.#market,
      this.#plants,
      () => this.#events,
    );
    for (const { id, venue, sequenced } of CONNECTIONS) this.#delivery.add(id, venue, sequenced);
    this.#agenda.add(options.startAt, () => this.#begin());
  }

  next(): WorldAction {
    while (this.#read === this.#out.length) {
      this.#out.length = 0;
      this.#read = 0;
      const entry = this.#agenda.pop();
      if (entry === undefined) throw new Error("the world has nothing left to do");
      this.#delivery.now = entry.at;
      entry.task();
    }
    return this.#out[this.#read++]!;
  }

  plants(): readonly Plant[] {
    return this.#plants.list();
  }

  books(): readonly WorldBook[] {
    return this.#events.filter((event) => event.open).flatMap((event) => quotesOf(event).map((q) => q.book));
  }

  #begin(): void {
    for (const { id } of CONNECTIONS) this.#delivery.setUp(id, true);
    for (const template of templatesOf(this.#options.events)) this.#list(template);
    const { plantEveryMicros, decoyEveryMicros, hazardEveryMicros, actionsPerSecond } = this.#options;
    this.#every(Math.ceil((ACTIONS_PER_TURN * SECOND) / actionsPerSecond), () => this.#turn());
    if (plantEveryMicros > 0) this.#every(plantEveryMicros, () => void this.#plants.genuine(this.#events));
    if (decoyEveryMicros > 0) this.#every(decoyEveryMicros, () => this.#decoy());
    if (hazardEveryMicros > 0) this.#every(hazardEveryMicros, () => this.#hazards.strike());
  }

  /** Runs `task` again and again at distances uniform in (0, 2 x mean]. */
  #every(mean: number, task: () => void): void {
    this.#agenda.add(this.#delivery.now + 1 + this.#rng.int(2 * mean), () => {
      task();
      this.#every(mean, task);
    });
  }

  /** One small thing happens in the markets. */
  #turn(): void {
    if (this.#events.length === 0) return;
    const event = this.#events[this.#rng.int(this.#events.length)]!;
    if (!event.open) return;
    const outcome = event.outcomes[this.#rng.int(event.outcomes.length)]!;
    const quote = outcome.quotes[this.#rng.int(outcome.quotes.length)]!;
    const chance = this.#rng.int(100);
    if (chance < 72) this.#market.noise(quote, event.holds > 0);
    else if (event.holds > 0) return;
    else if (chance < 86) this.#market.trade(event, outcome, quote);
    else this.#market.walk(event);
  }

  #decoy(): void {
    if (this.#rng.int(4) === 0) this.#stalePair();
    else this.#plants.decoy(this.#events);
  }

  /** Silences the NO connection of the pairs, waits until its quotes are stale, then lets one YES book move. */
  #stalePair(): void {
    const connection = CONNECTIONS.length;
    const { staleAfterMicros } = this.#options;
    const lifetime = 3 * SECOND;
    const end = this.#delivery.now + staleAfterMicros + lifetime + 2 * SECOND;
    const able = this.#events.filter(
      (e) => e.kind === "pair" && e.open && e.holds === 0 && e.closesAt > end + SECOND,
    );
    const event = able[this.#rng.int(Math.max(1, able.length))];
    if (event === undefined || this.#plants.isBusy(connection)) return;
    if (!CONNECTIONS.every(({ id }) => this.#delivery.healthy(id))) return;
    this.#hazards.stall(connection, end - this.#delivery.now, () => {
      this.#agenda.add(
        this.#delivery.now + staleAfterMicros,
        () => void this.#plants.staleLeg(event, lifetime),
      );
    });
  }

  #list(template: EventTemplate): void {
    const { eventLifeMicros } = this.#options;
    const now = this.#delivery.now;
    const life = Math.floor(eventLifeMicros / 2) + this.#rng.int(eventLifeMicros);
    const event = this.#universe.build(template, now as Micros, (now + life) as Micros);
    this.#events.push(event);
    const [first] = quotesOf(event);
    const { venue, connection } = first!.book;
    const at = 0 as Micros;
    for (const { book } of quotesOf(event)) this.#delivery.terms(book);
    this.#delivery.push({ kind: "family", at, venue, connection, family: event.family });
    for (const outcome of event.outcomes)
      for (const quote of outcome.quotes) this.#market.open(quote, outcome);
    if (event.kind === "open_bucket") this.#plants.standing(event);
    this.#agenda.add(event.closesAt, () => this.#close(event));
  }

  /** The market closes: resting size goes, the outcome is drawn, a new event takes its place. */
  #close(event: EventState): void {
    event.open = false;
    for (const { book } of quotesOf(event)) {
      this.#delivery.close(book);
      this.#delivery.emptySnapshot(book);
    }
    this.#agenda.add(this.#delivery.now + SECOND + this.#rng.int(2 * SECOND), () => this.#replace(event));
  }

  /** Settles a closed event and lists the next; waits while a connection could not carry the news. */
  #replace(event: EventState): void {
    if (quotesOf(event).some((quote) => !this.#delivery.healthy(quote.book.connection))) {
      this.#agenda.add(this.#delivery.now + SECOND, () => this.#replace(event));
      return;
    }
    this.#settle(event);
    this.#events.splice(this.#events.indexOf(event), 1);
    this.#list({ ...event.template, generation: event.template.generation + 1 });
  }

  #settle(event: EventState): void {
    let draw = this.#rng.int(
      event.outcomes.reduce((sum, outcome) => sum + outcome.latentTicks, event.hiddenTicks),
    );
    for (const outcome of event.outcomes) {
      const wins = draw >= 0 && draw < outcome.latentTicks;
      draw -= outcome.latentTicks;
      this.#delivery.resolve(
        outcome.quotes.map((quote) => quote.book),
        wins ? "1" : "0",
      );
    }
  }
}
