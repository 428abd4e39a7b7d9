import {
  FACT_SLOTS,
  FACT_WORDS,
  type Finding,
  type Lane,
  type LaneOutput,
  type Micros,
  type ObjectFact,
  type Reason,
  S_RECV,
  W_BOOK,
} from "../contracts/index.ts";
import type { Desk } from "./desk.ts";
import { DiagnosisTable } from "./diagnosis.ts";
import type { Replica } from "./market/replica.ts";

export interface NamedLane {
  readonly id: string;
  readonly lane: Lane;
}

/** What one lane found at one fact. */
export interface LaneResult {
  readonly lane: string;
  readonly findings: readonly Finding[];
}

/**
 * The judgement: facts in, decisions and commands out. Pure and synchronous; the only state is what facts made.
 * `step` and `object` take facts in the order of the journal. After a fact that ended a frame the shell asks `scan`,
 * records each result as a `lane.result` fact and hands it back: so a recorded run can be verified without lanes.
 */
export class Engine {
  readonly replica: Replica;
  readonly desk: Desk;
  readonly diagnoses: DiagnosisTable;
  readonly #lanes: readonly NamedLane[];
  /** Books of the frame that is being stepped; kept only while something waits for a settled size. */
  readonly #touched = new Set<number>();
  #now = 0 as Micros;

  constructor(replica: Replica, lanes: readonly NamedLane[], desk: Desk) {
    this.replica = replica;
    this.desk = desk;
    this.#lanes = lanes;
    this.diagnoses = new DiagnosisTable(lanes.length);
  }

  /** Instant of the newest fact; never goes back. */
  get now(): Micros {
    return this.#now;
  }

  get lanes(): readonly NamedLane[] {
    return this.#lanes;
  }

  /**
   * One packed fact.
   * @returns true when a frame ended and some family's usable quotes moved: the lanes should look.
   */
  step(i32: Int32Array, f64: Float64Array, index: number, factSeq: number): boolean {
    const at = f64[index * FACT_SLOTS + S_RECV]!;
    if (at > this.#now) this.#now = at as Micros;
    const { replica, desk } = this;
    if (desk.waiting > 0) this.#touched.add(i32[index * FACT_WORDS + W_BOOK]!);
    if (!replica.apply(i32, f64, index, factSeq)) return false;
    if (this.#touched.size > 0) this.#lookAgain();
    return replica.changedCount > 0;
  }

  /** Something waits for a settled size: a changed depth is enough for its lane to look again. */
  #lookAgain(): void {
    for (const book of this.#touched) {
      if (!this.desk.frameEnded(book, this.#now)) continue;
      this.replica.lookAgain(book);
      this.onLookAgain?.(book);
    }
    this.#touched.clear();
  }

  /** Time passed without a fact of a venue: deadlines are judged. */
  tick(at: Micros): void {
    if (at > this.#now) this.#now = at;
    this.desk.tick(this.#now);
  }

  /** One object fact. */
  object(fact: ObjectFact, at: Micros, factSeq: number): void {
    if (at > this.#now) this.#now = at;
    this.replica.object(fact, this.#now, factSeq);
    switch (fact.kind) {
      case "lane.result":
        for (const finding of fact.findings) this.desk.finding(finding, this.#now);
        break;
      case "order.update":
        this.desk.orderUpdate(fact.update, this.#now);
        break;
      case "market.resolved":
        this.desk.resolved(fact.market, fact.yesPayout, this.#now);
        break;
      case "operator":
        this.desk.operator(fact.action, fact.why, this.#now);
        break;
      case "run.ended":
        this.desk.closeAll(this.#now);
        break;
      case "market.instruments":
      case "market.families":
        this.desk.listingsChanged();
        break;
      case "degraded.mode":
        this.desk.degraded.set(fact.scope, fact.on, fact.reason);
        break;
      case "stream.opened":
      case "stream.closed":
      case "venue.status":
      case "risk.breach":
      case "feed.note":
        break;
    }
  }

  /** Lets every lane look at the families whose quotes moved since the last scan. Empty results are left out. */
  scan(): readonly LaneResult[] {
    const { replica } = this;
    const results: LaneResult[] = [];
    for (let index = 0; index < this.#lanes.length; index++) {
      const { id, lane } = this.#lanes[index]!;
      const collector = this.#collector;
      collector.begin(index);
      lane.scan(replica.view, replica.changed, replica.changedCount, collector);
      if (collector.findings.length > 0) results.push({ lane: id, findings: collector.findings });
    }
    replica.clearChanged();
    return results.length === 0 ? NOTHING : results;
  }

  /** Told of every book whose families must be looked at again; set where lanes look somewhere else. */
  onLookAgain: ((book: number) => void) | null = null;

  /** Drops the changes without a look: verify takes the recorded lane results instead. */
  skipScan(): void {
    this.replica.clearChanged();
  }

  /** Families of a lane by last diagnosis. */
  diagnosisCounts(): Readonly<Record<string, Partial<Record<Reason, number>>>> {
    return Object.fromEntries(this.#lanes.map(({ id }, index) => [id, this.diagnoses.counts(index)]));
  }

  readonly #collector = new Collector(this);
}

const NOTHING: readonly LaneResult[] = [];

/** Reused between scans: a scan that finds nothing allocates nothing. */
class Collector implements LaneOutput {
  readonly #engine: Engine;
  #lane = 0;
  findings: Finding[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  begin(lane: number): void {
    this.#lane = lane;
    if (this.findings.length > 0) this.findings = [];
  }

  finding(finding: Finding): void {
    this.findings.push(finding);
  }

  diagnose(familyIndex: number, reasonNumber: number): void {
    this.#engine.diagnoses.set(this.#lane, familyIndex, reasonNumber);
  }
}
