import type { Command } from "commander";
import { LANES, VENUES } from "../registry.gen.ts";
import { colour, print, printJson } from "./console.ts";

export function addVenuesCommand(program: Command): void {
  program
    .command("venues")
    .description("list venues, their recording formats, and lanes")
    .option("--json", "print as JSON")
    .addHelpText("after", "\nThe formats are those of `emp import` and `emp check tape --format`.")
    .action((options: { json?: boolean }) => {
      const venues = [...VENUES.values()].map(({ id, about, recordings }) => ({
        id,
        about,
        recordings: recordings.map((reader) => ({ id: reader.id, about: reader.about })),
      }));
      const lanes = [...LANES.values()].map(({ id, about }) => ({ id, about }));
      if (options.json === true) printJson({ venues, lanes });
      else {
        for (const venue of venues) {
          print(`${colour.bold(venue.id)}  ${venue.about}`);
          for (const reader of venue.recordings) print(`  ${reader.id.padEnd(24)} ${reader.about}`);
        }
        for (const lane of lanes) print(`${colour.bold(`lane ${lane.id}`)}  ${lane.about}`);
      }
    });
}
