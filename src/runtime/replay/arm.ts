import type { JournalReader } from "../../capture/reader.ts";
import type { LaneModule, Micros, ObjectFact, RunSummary, VenueModule } from "../../contracts/index.ts";
import { assembleSession } from "../assemble.ts";
import type { LoadedProfile } from "../profile/load.ts";
import { RunCollector } from "../run-collector.ts";
import type { Session } from "../session.ts";
import { summarise } from "../summary.ts";
import { venuesOf } from "./journal-venues.ts";
import type { Pace } from "./pace.ts";
import type { ReplayRecorder } from "./recorders.ts";
import type { RecordVisitor } from "./records.ts";

/** Recorded time that orders and deadlines get after the last fact. */
const GRACE_MICROS = 60_000_000;
const SAMPLE_EVERY_FACTS = 4096;

/** What every form of replay needs. */
export interface ReplaySetup {
  readonly reader: JournalReader;
  /** Name of the journal for the run's summary. */
  readonly journal: string;
  readonly venues: ReadonlyMap<string, VenueModule>;
  readonly lanes: ReadonlyMap<string, LaneModule<unknown>>;
  readonly pace: Pace;
  readonly stopped: () => boolean;
  /** Called now and then with the facts replayed so far and their instant. */
  readonly progress: (facts: number, at: number) => void;
  readonly wallMs: () => number;
}

export interface ReplayResult {
  readonly summary: RunSummary;
  /** Opportunities that were opened. */
  readonly rows: number;
}

/** One profile being replayed: its session and what it collects. */
export class Arm {
  readonly session: Session;
  readonly #setup: ReplaySetup;
  readonly #loaded: LoadedProfile;
  readonly #recorder: ReplayRecorder;
  readonly #collector: RunCollector;
  readonly #startedMs: number;
  #facts = 0;

  constructor(setup: ReplaySetup, loaded: LoadedProfile, recorder: ReplayRecorder, outDir: string) {
    const venues = venuesOf(setup.reader.header, setup.venues);
    this.#setup = setup;
    this.#loaded = loaded;
    this.#recorder = recorder;
    this.#startedMs = setup.wallMs();
    this.#collector = new RunCollector(outDir);
    this.session = assembleSession(
      loaded.profile,
      venues.map(({ id, module }) => ({ id, currency: module.scales.currency })),
      setup.lanes,
      recorder,
      [this.#collector],
    );
  }

  packed(i32: Int32Array, f64: Float64Array, index: number, seq: number): void {
    this.#recorder.seq = seq;
    this.session.packed(i32, f64, index);
    if (this.#facts++ % SAMPLE_EVERY_FACTS === 0) this.#sample();
  }

  object(fact: ObjectFact, at: Micros, seq: number): void {
    this.#recorder.seq = seq;
    this.session.object(fact, at);
  }

  /** Lets orders run out and writes the run's folder. */
  finish(mode: RunSummary["mode"]): ReplayResult {
    const digest = this.session.finish(GRACE_MICROS);
    this.#sample();
    const wallMs = this.#setup.wallMs() - this.#startedMs;
    const summary = this.#collector.finish(
      summarise({
        session: this.session,
        loaded: this.#loaded,
        journal: this.#setup.journal,
        mode,
        digest,
        wallMs,
      }),
    );
    return { summary, rows: this.#collector.rows };
  }

  #sample(): void {
    const { engine } = this.session;
    this.#collector.equity(engine.now, engine.desk.equity());
    this.#setup.progress(this.#facts, engine.now);
  }
}

const ignore = (): void => {};

/** A visitor that hands world facts to the arms; what else the journal holds is left out. */
export function worldOnly(
  arms: readonly Arm[],
  after: (seq: number, at: number) => void = ignore,
): RecordVisitor {
  return {
    worldPacked: (i32, f64, index, seq) => {
      for (const arm of arms) arm.packed(i32, f64, index, seq);
      after(seq, arms[0]!.session.engine.now);
    },
    worldObject: (fact, at, seq) => {
      for (const arm of arms) arm.object(fact, at, seq);
      after(seq, at);
    },
    reply: ignore,
    tick: ignore,
    packedDecision: ignore,
    decision: ignore,
    checkpoint: ignore,
  };
}
