import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournalReader } from "../../src/capture/reader.ts";
import { openJournal } from "../../src/capture/writer.ts";
import type { OpportunityRow, RecordingReader, RunSummary, VenueModule } from "../../src/contracts/index.ts";
import { LANES, VENUES } from "../../src/registry.gen.ts";
import { type WrittenReport, writeKpiReport } from "../../src/report/write.ts";
import { assembleSession } from "../../src/runtime/assemble.ts";
import { importFiles } from "../../src/runtime/import/import-files.ts";
import {
  type ImportCounts,
  type ImportReject,
  ImportSession,
} from "../../src/runtime/import/import-session.ts";
import { type LoadedProfile, loadProfile } from "../../src/runtime/profile/load.ts";
import { type ReplaySetup, worldOnly } from "../../src/runtime/replay/arm.ts";
import { venuesOf } from "../../src/runtime/replay/journal-venues.ts";
import { Pace } from "../../src/runtime/replay/pace.ts";
import { ReplayRecorder } from "../../src/runtime/replay/recorders.ts";
import { walkJournal } from "../../src/runtime/replay/records.ts";
import { replayWhatIf } from "../../src/runtime/replay/what-if.ts";
import { RunCollector } from "../../src/runtime/run-collector.ts";
import type { Session } from "../../src/runtime/session.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const never = (): boolean => false;

/** Folders that are removed by `cleanUp`. */
const made: string[] = [];

export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "emp-golden-"));
  made.push(dir);
  return dir;
}

export function cleanUp(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export interface Imported {
  readonly journal: string;
  readonly counts: ImportCounts;
  readonly rejects: readonly ImportReject[];
}

export interface Replayed {
  readonly summary: RunSummary;
  readonly rows: readonly OpportunityRow[];
  readonly report: WrittenReport;
}

/** Every recording of a folder, in order of name. */
export function recordingsIn(folder: string, suffix: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(folder, name));
}

export function formatOf(format: string): { readonly venue: VenueModule; readonly reader: RecordingReader } {
  for (const venue of VENUES.values()) {
    const reader = venue.recordings.find(({ id }) => id === format);
    if (reader !== undefined) return { venue, reader };
  }
  throw new Error(`no format ${format}`);
}

/** What `emp import` does, with the rejected lines kept. */
export async function importRecordings(
  format: string,
  files: readonly string[],
  options: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  const { venue, reader } = formatOf(format);
  const journal = join(scratchDir(), "journal");
  const rejects: ImportReject[] = [];
  const writer = openJournal(journal, {
    id: `golden ${format}`,
    createdAt: 0,
    origin: `import ${format}`,
    venues: [venue.id],
    profile: { name: "", hash: "" },
    mappingsHash: "",
    commit: "",
    seed: 0,
    nodeMajor: 24,
    assumptions: [],
  });
  const session = new ImportSession(writer, venue, (reject) => rejects.push(reject));
  await importFiles(files, reader, session, options, () => {}, never);
  await writer.close();
  return { journal, counts: session.counts, rejects };
}

/** A profile of the product; `overrides` are its environment variables. */
export function profile(name: string, overrides: Readonly<Record<string, string>> = {}): LoadedProfile {
  return loadProfile(name, overrides, [join(ROOT, "profiles")]);
}

/** What `emp replay` and `emp report kpi` do. */
export async function replayJournal(
  journal: string,
  loaded: LoadedProfile = profile("replay"),
): Promise<Replayed> {
  const run = scratchDir();
  const reader = openJournalReader(journal);
  try {
    const setup: ReplaySetup = {
      reader,
      journal: "journal",
      venues: VENUES,
      lanes: LANES,
      pace: new Pace(0, () => 0),
      stopped: never,
      progress: () => {},
      wallMs: () => 0,
    };
    const { summary } = await replayWhatIf(setup, loaded, run);
    const lines = readFileSync(join(run, "opportunities.ndjson"), "utf8").split("\n").filter(Boolean);
    const rows = lines.map((line) => JSON.parse(line) as OpportunityRow);
    return { summary, rows, report: writeKpiReport(run, join(run, "report")) };
  } finally {
    reader.close();
  }
}

/** Replays a journal and calls `look` after every instant at which facts came, and before a stream ends: to see what lanes said. */
export async function watchReplay(
  journal: string,
  loaded: LoadedProfile,
  look: (session: Session, at: number) => void,
): Promise<void> {
  const reader = openJournalReader(journal);
  const recorder = new ReplayRecorder();
  const venues = venuesOf(reader.header, VENUES).map(({ id, module }) => ({
    id,
    currency: module.scales.currency,
  }));
  const session = assembleSession(loaded.profile, venues, LANES, recorder, [new RunCollector(scratchDir())]);
  const sink = worldOnly([]);
  let last = 0;
  let seen = true;
  const lookOnce = (): void => {
    if (!seen) look(session, last);
    seen = true;
  };
  const moved = (at: number): void => {
    if (at > last) lookOnce();
    last = Math.max(last, at);
    seen = false;
  };
  await walkJournal(
    reader,
    {
      ...sink,
      worldPacked: (i32, f64, index, seq) => {
        recorder.seq = seq;
        moved(f64[index * 6 + 3]!);
        session.packed(i32, f64, index);
      },
      worldObject: (fact, at, seq) => {
        recorder.seq = seq;
        if (fact.kind === "stream.closed") lookOnce();
        else moved(at);
        session.object(fact, at);
      },
    },
    new Pace(0, () => 0),
    () => true,
  );
  lookOnce();
  reader.close();
}

export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a child process. */
export function emp(...args: readonly string[]): CliResult {
  const node = ["--disable-warning=ExperimentalWarning", join(ROOT, "src", "cli", "emp.ts")];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    cwd: ROOT,
  });
  return { code: status, out: stdout, err: stderr };
}
