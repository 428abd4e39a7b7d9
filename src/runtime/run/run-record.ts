import { createHash } from "node:crypto";
import { join } from "node:path";
import { type JournalWriter, openJournal } from "../../capture/writer.ts";
import type { LaneModule, Micros, RunSummary } from "../../contracts/index.ts";
import { type Log, openLog } from "../../observe/log.ts";
import { assembleSession } from "../assemble.ts";
import { JournalRecorder } from "../journal-recorder.ts";
import type { LoadedProfile } from "../profile/load.ts";
import { type RunVenue, venueText } from "../replay/journal-venues.ts";
import { RunCollector } from "../run-collector.ts";
import type { OrderVenue, Session, SessionTap } from "../session.ts";
import { seedNumber, summarise } from "../summary.ts";
import { LogTap } from "./log-tap.ts";
import { RunScreen } from "./run-screen.ts";

/** Structured log of a run, beside its rows, where the profile names no other file. */
const LOG_FILE = "run.log";
/** Market time that orders and deadlines get after the last fact. */
const GRACE_MICROS = 60_000_000;

export interface RunRecordSetup {
  readonly loaded: LoadedProfile;
  readonly venues: readonly RunVenue[];
  readonly lanes: ReadonlyMap<string, LaneModule<unknown>>;
  /** Folder of this run: `journal/`, `run.json`, `opportunities.ndjson`. */
  readonly outDir: string;
  readonly product: { readonly commit: string; readonly nodeMajor: number };
  readonly wallMicros: () => Micros;
  /** What made the journal: "simulate", "live", "embedded". */
  readonly origin: string;
  readonly assumptions: readonly string[];
  /** Market seconds per real second; null when time is real. */
  readonly speed: number | null;
  readonly taps?: readonly SessionTap[];
  /** Where orders go; absent: the paper exchange. */
  readonly orders?: OrderVenue;
}

/** A session and everything that records and shows it: journal, rows, log, screen. */
export class RunRecord {
  readonly writer: JournalWriter;
  readonly session: Session;
  readonly screen: RunScreen;
  readonly journalDir: string;
  readonly log: Log;
  readonly #collector: RunCollector;
  readonly #setup: RunRecordSetup;
  readonly #startedAt: Micros;
  readonly #flushing: NodeJS.Timeout;

  constructor(setup: RunRecordSetup) {
    const { loaded, outDir, venues } = setup;
    const { capture, log } = loaded.profile;
    this.#setup = setup;
    this.#startedAt = setup.wallMicros();
    this.journalDir = join(outDir, "journal");
    this.writer = openJournal(this.journalDir, newJournal(setup), {
      flushIntervalMs: capture.flushIntervalMs,
      segmentBytes: capture.segmentBytes,
      durability: capture.durability,
    });
    this.#collector = new RunCollector(outDir);
    this.log = openLog({ level: log.level, file: log.file ?? join(outDir, LOG_FILE) }).with({
      run: this.writer.header.id,
    });
    this.screen = new RunScreen(loaded, venues, this.journalDir, setup.speed, setup.wallMicros);
    this.session = assembleSession(
      loaded.profile,
      venues.map(({ id, module }) => ({ id, currency: module.scales.currency })),
      setup.lanes,
      new JournalRecorder(this.writer),
      [this.#collector, this.screen, new LogTap(this.log), ...(setup.taps ?? [])],
      setup.orders,
    );
    this.screen.attach(this.session);
    this.#flushing = setInterval(() => this.#flush(), capture.flushIntervalMs);
  }

  get rows(): number {
    return this.#collector.rows;
  }

  /** One point of the equity curve. */
  sample(): void {
    const { engine } = this.session;
    this.#collector.equity(engine.now, engine.desk.equity());
  }

  /** No more facts: closes what is open and writes the run's folder. */
  finish(
    mode: RunSummary["mode"],
    extraReasons: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
  ): RunSummary {
    const digest = this.session.finish(GRACE_MICROS);
    this.sample();
    const wallMs = (this.#setup.wallMicros() - this.#startedAt) / 1000;
    const { loaded } = this.#setup;
    const summary = summarise({ session: this.session, loaded, journal: "journal", mode, digest, wallMs });
    const reasons = { ...summary.reasons };
    for (const [venue, counts] of Object.entries(extraReasons)) {
      const both: Record<string, number> = { ...reasons[venue] };
      for (const [reason, count] of Object.entries(counts)) both[reason] = (both[reason] ?? 0) + count;
      reasons[venue] = both;
    }
    return this.#collector.finish({ ...summary, reasons });
  }

  /** Ends the files, whatever happened before. */
  async close(): Promise<void> {
    clearInterval(this.#flushing);
    this.log.close();
    await this.writer.close();
  }

  #flush(): void {
    if (this.writer.flush()) this.screen.health("ok", "running");
    else this.screen.health("halted", "the journal cannot be written: trading is off");
  }
}

function newJournal(setup: RunRecordSetup): Parameters<typeof openJournal>[1] {
  const { profile, hash } = setup.loaded;
  const now = setup.wallMicros();
  return {
    id: createHash("sha256").update(`${now} ${hash} ${process.pid}`).digest("hex").slice(0, 32),
    createdAt: now,
    origin: setup.origin,
    venues: setup.venues.map(({ id, module }) => venueText(id, module.id)),
    profile: { name: profile.name, hash },
    mappingsHash: "",
    commit: setup.product.commit,
    seed: seedNumber(profile.seed),
    nodeMajor: setup.product.nodeMajor,
    assumptions: [...setup.assumptions],
  };
}
