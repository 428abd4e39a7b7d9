import type { BookId, Family, WireEncoder } from "../contracts/index.ts";
import type { FamilyAction, HazardKind, WorldAction } from "../sim/world/actions.ts";
import { mutateBytes } from "../sim/world/mutation.ts";
import type { Intake } from "./intake.ts";
import type { RunVenue } from "./replay/journal-venues.ts";

/**
 * Puts what the simulated world does into the words of each venue's wire and feeds the bytes to the intake: the same
 * mappers, books and firewall see them as would see a real venue's.
 */
export class WorldFeed {
  readonly hazards: Partial<Record<HazardKind, number>> = {};
  readonly #intake: Intake;
  readonly #venues: ReadonlyMap<string, number>;
  readonly #encoders: readonly WireEncoder[];
  readonly #books = new Map<string, BookId>();

  constructor(intake: Intake, venues: readonly RunVenue[]) {
    this.#intake = intake;
    this.#venues = new Map(venues.map(({ id }, index) => [id, index]));
    this.#encoders = venues.map(({ module }) => module.createEncoder());
  }

  /** Venues of the world that the profile left out are not heard. */
  act(action: WorldAction): void {
    const venue = this.#venues.get(action.venue);
    if (venue === undefined) return;
    switch (action.kind) {
      case "listing":
        this.#intake.describe(venue, ({ env, mapper }) => {
          const book = env.symbols.describe(action.book.listing, action.at);
          mapper.restored?.(action.book.listing);
          if (book >= 0) this.#books.set(`${action.venue}:${action.book.symbol}`, book as BookId);
        });
        return;
      case "family":
        this.#family(venue, action);
        return;
      case "connection":
        this.#intake.connection(venue, action.connection, action.state, action.at);
        return;
      case "hazard":
        this.hazards[action.hazard] = (this.hazards[action.hazard] ?? 0) + 1;
        return;
      case "snapshot":
      case "level":
      case "trade":
      case "tick_size":
      case "close":
      case "resolve": {
        const clean = this.#encoders[venue]!.encode(action);
        const bytes = action.mutation === null ? clean : mutateBytes(clean, action.mutation);
        this.#intake.frame(venue, action.connection, action.at, bytes, 0, bytes.length);
      }
    }
  }

  #family(venue: number, action: FamilyAction): void {
    const members = action.family.members.map((symbol) => this.#books.get(`${action.venue}:${symbol}`));
    if (members.includes(undefined)) return;
    const family: Family = { ...action.family, members: members as BookId[] };
    this.#intake.describe(venue, ({ env }) =>
      env.sink.object({ kind: "market.families", families: [family] }, action.at),
    );
  }
}
