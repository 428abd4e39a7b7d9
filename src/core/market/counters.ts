import { REASONS, type Reason, reasonOf, type VenueId } from "../../contracts/index.ts";

/** Reason numbers stay below this. */
const REASON_ROOM = 512;
/** Where books and streams count whose venue nobody stated. */
const UNKNOWN_VENUE = "unknown";
const MAX_VENUES = 256;

/** Counts by venue and reason. Counting allocates nothing. */
export class Counters {
  readonly #venues: VenueId[] = [UNKNOWN_VENUE];
  readonly #indices = new Map<VenueId, number>([[UNKNOWN_VENUE, 0]]);
  #counts = new Float64Array(REASON_ROOM);

  /** Dense index of a venue; beyond the bound everything counts as `unknown`. */
  venue(id: VenueId): number {
    const known = this.#indices.get(id);
    if (known !== undefined) return known;
    if (this.#venues.length >= MAX_VENUES) return 0;
    const index = this.#venues.push(id) - 1;
    this.#indices.set(id, index);
    const larger = new Float64Array(this.#venues.length * REASON_ROOM);
    larger.set(this.#counts);
    this.#counts = larger;
    return index;
  }

  add(venue: number, reasonNumber: number): void {
    const at = venue * REASON_ROOM + reasonNumber;
    if (reasonNumber > 0 && reasonNumber < REASON_ROOM) this.#counts[at] = this.#counts[at]! + 1;
  }

  /** Count of a reason over all venues. */
  total(reason: Reason): number {
    let total = 0;
    for (let venue = 0; venue < this.#venues.length; venue++) {
      total += this.#counts[venue * REASON_ROOM + REASONS[reason].number]!;
    }
    return total;
  }

  /** venue -> reason code -> count; zero counts are left out. */
  byVenue(): Record<VenueId, Record<string, number>> {
    const byVenue: Record<VenueId, Record<string, number>> = {};
    this.#venues.forEach((id, venue) => {
      const counts: Record<string, number> = {};
      for (let number = 1; number < REASON_ROOM; number++) {
        const count = this.#counts[venue * REASON_ROOM + number]!;
        if (count > 0) counts[reasonOf(number) ?? `reason.${number}`] = count;
      }
      if (Object.keys(counts).length > 0) byVenue[id] = counts;
    });
    return byVenue;
  }
}
