import type { Rng } from "../../contracts/index.ts";
import type { HazardKind, WorldBook } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { ArmedFault, Delivery } from "./delivery.ts";
import { Holds } from "./holds.ts";
import type { Market } from "./market.ts";
import type { Mutation } from "./mutation.ts";
import type { Plants } from "./plants.ts";
import { type EventState, type Quote, quotesOf, touchesConnection } from "./state.ts";
import { CONNECTIONS } from "./universe.ts";
import { VenueFaults } from "./venue-faults.ts";

/** Kinds by how often they come; the dull ones more often than the drastic. */
const KINDS: readonly HazardKind[] = [
  "drop",
  "drop",
  "duplicate",
  "duplicate",
  "reorder",
  "reorder",
  "malformed",
  "malformed",
  "torn_snapshot",
  "crossed",
  "crossed",
  "jump",
  "burst",
  "silent_book",
  "absurd_size",
  "zero_size",
  "negative_level",
  "tick_size",
  "stall",
  "connection_lost",
];
const GARBAGE = [0x7b, 0x22, 0x00, 0xff, 0xfe, 0x7d] as const;

/** Makes wire and venue misbehave, then heals them: after each fault every book becomes valid again. */
export class Hazards {
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;
  readonly #market: Market;
  readonly #plants: Plants;
  readonly #events: () => readonly EventState[];
  readonly #holds: Holds;
  readonly #venue: VenueFaults;

  constructor(
    rng: Rng,
    agenda: Agenda,
    delivery: Delivery,
    market: Market,
    plants: Plants,
    events: () => readonly EventState[],
  ) {
    this.#rng = rng;
    this.#agenda = agenda;
    this.#delivery = delivery;
    this.#market = market;
    this.#plants = plants;
    this.#events = events;
    this.#holds = new Holds(agenda, delivery, market);
    this.#venue = new VenueFaults(rng, agenda, delivery, market, this.#holds);
    delivery.onFault = (fault, book) => this.#struck(fault, book);
  }

  /** One random fault on a connection that is well; nothing when none is. */
  strike(): void {
    const well = CONNECTIONS.filter(({ id }) => this.#delivery.healthy(id));
    if (well.length === 0) return;
    const { id } = well[this.#rng.int(well.length)]!;
    const kind = KINDS[this.#rng.int(KINDS.length)]!;
    switch (kind) {
      case "drop":
      case "duplicate":
      case "reorder":
        this.#holds.announce(kind, id, null);
        this.#delivery.arm(id, kind, null);
        return;
      case "malformed":
        this.#holds.announce(kind, id, null);
        this.#delivery.arm(id, kind, this.#mutation());
        return;
      case "stall":
        this.stall(id, 1_000_000 + this.#rng.int(3_000_000));
        return;
      case "connection_lost":
        this.#lose(id);
        return;
      default:
        this.#bookFault(kind, id);
    }
  }

  /** A connection is silent for a while, then everything it held back arrives at once. */
  stall(connection: number, duration: number, during: (() => void) | null = null): void {
    this.#holds.announce("stall", connection, null);
    const release = this.#hold(connection);
    this.#delivery.stall(connection, true);
    during?.();
    this.#agenda.add(this.#delivery.now + duration, () => {
      this.#delivery.stall(connection, false);
      release();
    });
  }

  /** The client's answer to a hole: snapshots of every book of the connection. */
  resnapshot(connection: number): void {
    for (const event of this.#events())
      if (event.open)
        for (const quote of quotesOf(event))
          if (quote.book.connection === connection) this.#delivery.snapshot(quote);
  }

  #bookFault(kind: HazardKind, connection: number): void {
    const able = this.#events().filter((e) => e.open && e.holds === 0 && touchesConnection(e, connection));
    if (able.length === 0) return;
    const event = able[this.#rng.int(able.length)]!;
    const here = quotesOf(event).filter((q) => q.book.connection === connection);
    const quote = here[this.#rng.int(here.length)]!;
    if (kind === "burst") this.#burst(connection, quote);
    else if (kind === "torn_snapshot") this.#tear(event, quote);
    else this.#venue.strike(kind, event, quote);
  }

  #burst(connection: number, quote: Quote): void {
    this.#holds.announce("burst", connection, quote.book);
    const events = this.#events().filter((e) => e.open && touchesConnection(e, connection));
    for (let i = 150 + this.#rng.int(250); i > 0; i--) {
      const event = events[this.#rng.int(events.length)]!;
      const quotes = quotesOf(event);
      this.#market.noise(quotes[this.#rng.int(quotes.length)]!, event.holds > 0);
    }
  }

  #tear(event: EventState, quote: Quote): void {
    this.#holds.during(event, "torn_snapshot", quote.book, 900_000, () => {
      const mutation: Mutation = { type: "truncate", keepPermille: 300 + this.#rng.int(600) };
      this.#delivery.snapshot(quote, "torn_snapshot", mutation);
      this.#plants.disturb(quote.book.connection);
      this.#healLater(quote.book.connection);
    });
  }

  #lose(connection: number): void {
    this.#holds.announce("connection_lost", connection, null);
    const release = this.#hold(connection);
    this.#delivery.setUp(connection, false);
    this.#agenda.add(this.#delivery.now + 500_000 + this.#rng.int(2_500_000), () => {
      this.#delivery.setUp(connection, true);
      this.resnapshot(connection);
      release();
    });
  }

  #struck(fault: ArmedFault, book: WorldBook): void {
    if (fault === "duplicate") return;
    const release = this.#hold(book.connection);
    this.#healLater(book.connection, release);
  }

  #healLater(connection: number, then: () => void = () => {}): void {
    this.#agenda.add(this.#delivery.now + 200_000 + this.#rng.int(600_000), () => {
      this.resnapshot(connection);
      then();
    });
  }

  /** Nobody moves a best price on the connection until the returned function is called. */
  #hold(connection: number): () => void {
    this.#plants.disturb(connection);
    const events = this.#events().filter((event) => touchesConnection(event, connection));
    for (const event of events) event.holds++;
    return () => this.#holds.release(events);
  }

  #mutation(): Mutation {
    switch (this.#rng.int(5)) {
      case 0:
        return { type: "truncate", keepPermille: this.#rng.int(990) };
      case 1:
        return { type: "flip", atPermille: this.#rng.int(1_000) };
      case 2:
        return { type: "insert", atPermille: this.#rng.int(1_000), bytes: [0xff, 0x00] };
      case 3:
        return { type: "nest", depth: 1_000 + this.#rng.int(4_000) };
      default:
        return { type: "replace", bytes: GARBAGE };
    }
  }
}
