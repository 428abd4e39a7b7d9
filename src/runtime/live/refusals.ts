import type { Micros, Reason, VenueId } from "../../contracts/index.ts";

/** A refusal is written to the journal at most this often per venue and reason; all are counted. */
const NOTE_EVERY_MICROS = 1_000_000;
const MAX_DETAIL = 200;

interface Tally {
  count: number;
  noted: number;
  notedAt: number;
}

/** What sessions refused or were refused: counted by venue and reason, with a bounded trickle of notes. */
export class Refusals {
  readonly #tallies = new Map<VenueId, Map<Reason, Tally>>();

  /** @returns the text of a note to write, or null when one was written a moment ago. */
  add(venue: VenueId, reason: Reason, detail: string, now: Micros): string | null {
    const byReason = this.#tallies.get(venue) ?? new Map<Reason, Tally>();
    this.#tallies.set(venue, byReason);
    const tally = byReason.get(reason) ?? { count: 0, noted: 0, notedAt: Number.NEGATIVE_INFINITY };
    byReason.set(reason, tally);
    tally.count++;
    if (now - tally.notedAt < NOTE_EVERY_MICROS) return null;
    const unsaid = tally.count - tally.noted - 1;
    tally.notedAt = now;
    tally.noted = tally.count;
    const text = detail.slice(0, MAX_DETAIL);
    return unsaid > 0 ? `${text} (and ${unsaid} more since the last note)` : text;
  }

  /** Counts by venue, then reason. */
  counts(): Readonly<Record<VenueId, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      [...this.#tallies].map(([venue, byReason]) => [
        venue,
        Object.fromEntries([...byReason].map(([reason, { count }]) => [reason, count])),
      ]),
    );
  }
}
