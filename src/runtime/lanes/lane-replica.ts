import {
  FACT_WORDS,
  type Finding,
  FLAG_FRAME_END,
  type Lane,
  type LaneOutput,
  type Sha256Hex,
  W_HEAD,
} from "../../contracts/index.ts";
import { Replica } from "../../core/market/replica.ts";
import type { LaneBatch, LaneWorkerSetup, PlacedFact, SeqFindings } from "./messages.ts";

const SILENT = { quarantine: () => {}, release: () => {}, invalid: () => {}, refused: () => {} };

/**
 * A lane with books of its own, fed the same facts in the same order as the engine's. It looks where the engine would
 * let it look, so its findings are those of the inline lane, fact by fact.
 */
export class LaneReplica implements LaneOutput {
  readonly replica: Replica;
  readonly #lane: Lane;
  readonly #diagnoses = new Map<number, number>();
  #findings: Finding[] = [];
  #midFrame = false;

  constructor(setup: Omit<LaneWorkerSetup, "lane" | "options">, lane: Lane, sha256: Sha256Hex) {
    this.replica = new Replica(
      {
        maxBooks: setup.maxBooks,
        denseBudgetBytes: setup.denseBudgetBytes,
        firewall: setup.firewall,
        sha256,
      },
      SILENT,
    );
    this.#lane = lane;
  }

  /** Feeds a batch and returns what was found at which fact. */
  run(batch: LaneBatch): readonly SeqFindings[] {
    const i32 = new Int32Array(batch.records);
    const f64 = new Float64Array(batch.records);
    const results: SeqFindings[] = [];
    let object = 0;
    let look = 0;
    for (let index = 0; index <= batch.count; index++) {
      for (; batch.objects[object]?.before === index; object++) this.#object(batch.objects[object]!, results);
      if (index === batch.count) break;
      const seq = batch.seqs[index]!;
      this.#midFrame = (i32[index * FACT_WORDS + W_HEAD]! & (FLAG_FRAME_END << 16)) === 0;
      if (!this.replica.apply(i32, f64, index, seq)) continue;
      // Someone waits for more than best prices of a book: its families join those that this frame changed.
      for (; batch.looks[look]?.before === index + 1; look++) this.replica.lookAgain(batch.looks[look]!.book);
      if (this.replica.changedCount > 0) this.#scan(seq, results);
    }
    return results;
  }

  /** The last diagnosis of each family looked at since the last call, as pairs. */
  takeDiagnoses(): Int32Array {
    const pairs = new Int32Array(this.#diagnoses.size * 2);
    let at = 0;
    for (const [family, reason] of this.#diagnoses) {
      pairs[at++] = family;
      pairs[at++] = reason;
    }
    this.#diagnoses.clear();
    return pairs;
  }

  finding(finding: Finding): void {
    this.#findings.push(finding);
  }

  diagnose(familyIndex: number, reasonNumber: number): void {
    this.#diagnoses.set(familyIndex, reasonNumber);
  }

  #object({ fact, at, seq }: PlacedFact, results: SeqFindings[]): void {
    this.replica.object(fact, at, seq);
    const isLookable = !this.#midFrame && fact.kind !== "market.instruments";
    if (isLookable && this.replica.changedCount > 0) this.#scan(seq, results);
  }

  #scan(seq: number, results: SeqFindings[]): void {
    const { replica } = this;
    this.#lane.scan(replica.view, replica.changed, replica.changedCount, this);
    replica.clearChanged();
    if (this.#findings.length === 0) return;
    results.push({ seq, findings: this.#findings });
    this.#findings = [];
  }
}
