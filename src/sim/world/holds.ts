import type { Micros } from "../../contracts/index.ts";
import type { HazardKind, WorldBook } from "./actions.ts";
import type { Agenda } from "./agenda.ts";
import type { Delivery } from "./delivery.ts";
import type { Market } from "./market.ts";
import type { EventState } from "./state.ts";
import { CONNECTIONS } from "./universe.ts";

/** Keeps everyone's hands off the best prices of events while a fault lasts, and says that it began. */
export class Holds {
  readonly #agenda: Agenda;
  readonly #delivery: Delivery;
  readonly #market: Market;

  constructor(agenda: Agenda, delivery: Delivery, market: Market) {
    this.#agenda = agenda;
    this.#delivery = delivery;
    this.#market = market;
  }

  /** Says the fault, keeps everyone else off the event meanwhile, and has it requoted afterwards. */
  during(event: EventState, kind: HazardKind, book: WorldBook, duration: number, fault: () => void): void {
    this.announce(kind, book.connection, book);
    event.holds++;
    fault();
    this.#agenda.add(this.#delivery.now + duration, () => this.release([event]));
  }

  /** The hold ends; who is held by nobody else is quoted anew. */
  release(events: readonly EventState[]): void {
    for (const event of events) {
      event.holds--;
      if (event.open && event.holds === 0) this.#market.requote(event.outcomes);
    }
  }

  announce(hazard: HazardKind, connection: number, book: WorldBook | null): void {
    const { venue } = CONNECTIONS.find(({ id }) => id === connection)!;
    this.#delivery.push({ kind: "hazard", at: 0 as Micros, venue, connection, hazard, book });
  }
}
