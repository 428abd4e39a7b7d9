import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type Decision,
  formatDecimal,
  Kind,
  type Micros,
  type OpportunityRow,
  PICO_DIGITS,
  type RunSummary,
  type Side,
} from "../contracts/index.ts";
import type { SessionTap } from "./session.ts";

const EQUITY_POINTS_MAX = 2000;
const FLUSH_BYTES = 1 << 16;

/** Names of the two files of a run's folder. */
export const RUN_FILE = "run.json";
export const ROWS_FILE = "opportunities.ndjson";

/** Watches a session and writes its run folder: one line per closed opportunity as it closes, the summary at the end. */
export class RunCollector implements SessionTap {
  readonly dir: string;
  readonly #fd: number;
  readonly #onRow: ((row: OpportunityRow) => void) | null;
  #buffer = "";
  #quarantines = 0;
  #releases = 0;
  #rows = 0;
  #equity: [number, string][] = [];
  #equityStride = 1;
  #equitySeen = 0;
  #equityLast: [number, string] | null = null;

  constructor(dir: string, onRow: ((row: OpportunityRow) => void) | null = null) {
    this.dir = dir;
    this.#onRow = onRow;
    mkdirSync(dir, { recursive: true });
    this.#fd = openSync(join(dir, ROWS_FILE), "w");
  }

  get rows(): number {
    return this.#rows;
  }

  quote(kind: Kind, _side: Side, _book: number, _reasonNumber: number, _at: Micros): void {
    if (kind === Kind.QUARANTINE) this.#quarantines++;
    else if (kind === Kind.RELEASE) this.#releases++;
  }

  decision(decision: Decision): void {
    if (decision.kind !== "opportunity.closed") return;
    this.#rows++;
    this.#buffer += `${JSON.stringify(decision.row)}\n`;
    if (this.#buffer.length > FLUSH_BYTES) this.#flush();
    this.#onRow?.(decision.row);
  }

  /** One point of the equity curve; the curve is thinned by halves so that it stays bounded. The last point stays. */
  equity(at: Micros, pico: bigint): void {
    this.#equityLast = [at, formatDecimal(pico, PICO_DIGITS)];
    if (this.#equitySeen++ % this.#equityStride !== 0) return;
    this.#equity.push(this.#equityLast);
    if (this.#equity.length < EQUITY_POINTS_MAX) return;
    this.#equity = this.#equity.filter((_, index) => index % 2 === 0);
    this.#equityStride *= 2;
  }

  /** Writes `run.json` and closes the row file. */
  finish(summary: Omit<RunSummary, "quarantines" | "releases" | "equity">): RunSummary {
    this.#flush();
    closeSync(this.#fd);
    if (this.#equityLast !== null && this.#equity.at(-1) !== this.#equityLast)
      this.#equity.push(this.#equityLast);
    const full: RunSummary = {
      ...summary,
      quarantines: this.#quarantines,
      releases: this.#releases,
      equity: this.#equity,
    };
    writeFileSync(join(this.dir, RUN_FILE), `${JSON.stringify(full, null, 2)}\n`);
    return full;
  }

  #flush(): void {
    if (this.#buffer === "") return;
    writeSync(this.#fd, this.#buffer);
    this.#buffer = "";
  }
}
