import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { JournalHeader } from "../capture/header.ts";
import type { LoadedProfile } from "../runtime/profile/load.ts";
import { note } from "./console.ts";
import { profileOf } from "./profile.ts";

/** The effective profile of a run, beside its journal: what a later replay needs to decide equally. */
export const RUN_PROFILE = "profile.yaml";

/** The profile asked for, else the one recorded beside the journal, else the one it names, else `replay`. */
export function profileOfJournal(
  dir: string,
  header: JournalHeader,
  asked: string | undefined,
): LoadedProfile {
  if (asked !== undefined) return profileOf(asked);
  const { name, hash } = header.profile;
  if (name === "") return profileOf("replay");
  const kept = join(dirname(dir), RUN_PROFILE);
  const loaded = profileOf(basename(dir) === "journal" && existsSync(kept) ? kept : name);
  if (loaded.hash !== hash) {
    note(
      `profile ${name} is not the one this journal was recorded under (sha256 ${loaded.hash.slice(0, 12)}, recorded ${hash.slice(0, 12)}); judgements may differ`,
    );
  }
  return loaded;
}
