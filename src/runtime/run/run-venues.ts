import type { VenueModule } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";
import type { Profile } from "../profile/schema.ts";
import type { RunVenue } from "../replay/journal-venues.ts";

/** The enabled venues of a profile in its order. @throws EmpError for a module this program does not have. */
export function runVenues(profile: Profile, registry: ReadonlyMap<string, VenueModule>): readonly RunVenue[] {
  return Object.entries(profile.venues)
    .filter(([, venue]) => venue.enabled)
    .map(([id, venue]) => {
      const module = registry.get(venue.module);
      if (module !== undefined) return { id, module };
      const known = [...registry.keys()].join(", ");
      throw new EmpError(
        "profile.venue",
        `profile ${profile.name}: venues.${id}.module: expected one of ${known}, found "${venue.module}"`,
      );
    });
}
