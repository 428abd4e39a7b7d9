import type { VenueId } from "../../src/contracts/index.ts";
import type { ConnectedRoom } from "../../src/runtime/live/connected-run.ts";
import { readCoverage } from "../../src/runtime/live/coverage-reading.ts";
import type { EmbeddedStack } from "../../src/runtime/live/embedded-stack.ts";

/** Share of the wanted books from which a venue counts as whole: markets come and go all the time. */
const WHOLE = 0.95;
const LOOK_MICROS = 1_000_000;

interface VenueHealing {
  /** Last instant at which a fault struck the venue, or its market; 0 = none since it was whole. */
  struckAt: number;
  readonly healedMicros: number[];
}

/** Watches how long each venue takes to be whole again after the last of the faults that strike it at one time. */
export class HealingWatch {
  readonly venues = new Map<VenueId, VenueHealing>();
  #lookedAt = 0;
  #marketFaults = 0;

  /** Cheap between two looks, once a second. */
  look(room: ConnectedRoom, stack: EmbeddedStack, now: number): void {
    if (now - this.#lookedAt < LOOK_MICROS) return;
    this.#lookedAt = now;
    const { replica } = room.record.session.engine;
    const log = stack.market.faults.list();
    const news = log.slice(this.#marketFaults);
    this.#marketFaults = log.length;
    for (const link of room.core.links) {
      const healing = this.venues.get(link.id) ?? { struckAt: 0, healedMicros: [] };
      this.venues.set(link.id, healing);
      const own = news.filter(({ venue }) => venue === null || venue === link.id).length;
      const active = stack.gates.get(link.id)!.active().length;
      if (active > 0 || own > 0) {
        healing.struckAt = now;
        continue;
      }
      const { wanted, usable } = readCoverage(replica, link.books()).books;
      if (healing.struckAt === 0 || wanted === 0 || usable < WHOLE * wanted) continue;
      healing.healedMicros.push(now - healing.struckAt);
      healing.struckAt = 0;
    }
  }
}
