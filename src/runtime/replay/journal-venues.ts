import type { JournalHeader } from "../../capture/header.ts";
import type { VenueModule } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";

export interface RunVenue {
  /** Id of the venue in this journal. */
  readonly id: string;
  readonly module: VenueModule;
}

/** Header text of a venue: `id` or, where several venues speak one wire, `id=module`. */
export function venueText(id: string, module: string): string {
  return id === module ? id : `${id}=${module}`;
}

/** The venues of a journal in the order of its header. @throws EmpError for a venue this program does not know. */
export function venuesOf(
  header: JournalHeader,
  registry: ReadonlyMap<string, VenueModule>,
): readonly RunVenue[] {
  return header.venues.map((text) => {
    const [id = "", moduleId = id] = text.split("=");
    const module = registry.get(moduleId);
    if (module === undefined) {
      throw new EmpError(
        "journal.venue",
        `journal: venue: expected one of ${[...registry.keys()].join(", ")}, found "${moduleId}"`,
      );
    }
    return { id, module };
  });
}
