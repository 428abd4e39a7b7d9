import { readFileSync, statSync } from "node:fs";
import {
  formatDecimal,
  type Micros,
  parseScaled,
  type RecordingReader,
  type RecordingSession,
  type RecordingSink,
} from "../../../src/contracts/index.ts";
import { readDocument } from "../documents.ts";
import { assertedFee } from "../fees.ts";
import { announceMetadata, DEFAULT_METADATA_OPTIONS } from "../metadata-facts.ts";
import { rfc3339Micros } from "../time.ts";
import { BEST_HEADER, type BestRow, bestRow, marketObject } from "./best-quote-rows.ts";
import { legLevels, PollFacts } from "./poll.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });
const MAX_LINE = 4096;
const MAX_BEST_BYTES = 16 * 1024 * 1024;
const DEPTH_HEADER = "snapshot_ts,market_ticker,side,price_cents,quantity";

/** Books and levels of one poll, before they are emitted together. */
const MAX_GROUP_LEVELS = 100_000;

interface Legs {
  readonly yes: [string, string][];
  readonly no: [string, string][];
}

/**
 * One recorder's polls as CSV: depth (`snapshot_ts,market_ticker,side,price_cents,quantity`) or best quotes
 * (`snapshot_ts,event_ticker,…,yes_bid,yes_ask,…`), in cents. The two were written side by side: name the second
 * file as `best_quotes=` to have both in order of time, the best quotes as witnesses of the depth.
 */
export const kalshiCsv: RecordingReader = {
  id: "kalshi-csv",
  about:
    "polled depth or best quotes in cents (CSV); best_quotes=FILE merges the best quotes of the same polls; tick=0.01 and fee=quadratic:1 assert terms the files do not state",
  unit: "line",
  open: (sink, options) => new CsvSession(sink, options),
};

class CsvSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #options: Readonly<Record<string, string>>;
  readonly #poll: PollFacts;
  readonly #announced = new Set<string>();
  #header: "depth" | "best" | "foreign" | null = null;
  #best = new Map<number, BestRow[]>();
  #groupAt = -1;
  #groupLevels = 0;
  readonly #group = new Map<string, Legs>();

  constructor(sink: RecordingSink, options: Readonly<Record<string, string>>) {
    this.#sink = sink;
    this.#options = options;
    this.#poll = new PollFacts(sink, "csv poll");
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    const line = textOf(bytes, start, end);
    if (line === null) this.#sink.reject("wire.unreadable", "not UTF-8 or too long");
    else if (this.#header === null) this.#readHeader(line);
    else if (this.#header === "depth") this.#depth(line);
    else if (this.#header === "best") this.#bestLine(line);
    else this.#sink.reject("import.foreign", "the first line is no header of this recorder");
  }

  end(): void {
    this.#flush();
  }

  #readHeader(line: string): void {
    this.#header = line === DEPTH_HEADER ? "depth" : line === BEST_HEADER ? "best" : "foreign";
    if (this.#header === "foreign")
      this.#sink.reject("import.foreign", `expected ${DEPTH_HEADER} or ${BEST_HEADER}`);
    const path = this.#options["best_quotes"];
    if (this.#header === "depth" && path !== undefined) this.#loadBest(path);
  }

  #loadBest(path: string): void {
    try {
      if (statSync(path).size > MAX_BEST_BYTES) throw new Error(`larger than ${MAX_BEST_BYTES} bytes`);
      const [header, ...lines] = readFileSync(path, "utf8").split("\n");
      if (header !== BEST_HEADER) throw new Error("not a best quote file of this recorder");
      for (const line of lines.filter((each) => each !== "")) {
        const row = bestRow(line);
        if (row === null) this.#sink.reject("import.bad_line", `best_quotes: ${line.slice(0, 80)}`);
        else this.#best.set(row.at, [...(this.#best.get(row.at) ?? []), row]);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#sink.reject("import.foreign", `best_quotes: ${why}`);
      this.#best = new Map();
    }
  }

  #depth(line: string): void {
    const [stamp = "", ticker = "", side, cents = "", quantity = "", ...rest] = line.split(",");
    const at = rfc3339Micros(stamp);
    const ticks = parseScaled(cents, 2);
    const known = side === "yes" || side === "no";
    if (at === null || ticks === null || !known || rest.length > 0 || !/^[\x21-\x7e]{1,128}$/.test(ticker)) {
      this.#sink.reject("import.bad_line", line.slice(0, 80));
      return;
    }
    if (at !== this.#groupAt) this.#flush();
    this.#groupAt = at;
    if (++this.#groupLevels > MAX_GROUP_LEVELS) {
      this.#sink.reject("book.overflow", `more than ${MAX_GROUP_LEVELS} levels in one poll`);
      return;
    }
    const legs = this.#group.get(ticker) ?? { yes: [], no: [] };
    this.#group.set(ticker, legs);
    legs[side].push([formatDecimal(BigInt(ticks), 4), quantity]);
  }

  #flush(): void {
    const at = this.#groupAt;
    if (at === -1) return;
    const best = this.#best.get(at) ?? [];
    this.#announce(best, at);
    for (const [ticker, { yes, no }] of this.#group) {
      const levels = legLevels(yes, no);
      if (levels === null) this.#sink.reject("wire.bad_number", `${ticker}: unreadable levels`);
      else this.#poll.snapshot(ticker, levels, at);
    }
    for (const row of best) this.#witness(row);
    this.#poll.endPoll();
    this.#group.clear();
    this.#groupLevels = 0;
    this.#groupAt = -1;
  }

  #bestLine(line: string): void {
    const row = bestRow(line);
    if (row === null) {
      this.#sink.reject("import.bad_line", line.slice(0, 80));
      return;
    }
    if (row.at !== this.#groupAt) this.#flushBest();
    this.#groupAt = row.at;
    this.#best.set(row.at, [...(this.#best.get(row.at) ?? []), row]);
  }

  /** Best quotes alone: they name the markets, and witness books that another recording filled. */
  #flushBest(): void {
    this.#flush();
    this.#best.clear();
  }

  #witness({ ticker, bidTicks, askTicks, at }: BestRow): void {
    this.#poll.top(ticker, { bidTicks, askTicks }, at);
  }

  #announce(rows: readonly BestRow[], at: number): void {
    const fresh = rows.filter(({ ticker }) => !this.#announced.has(ticker));
    if (fresh.length === 0) return;
    for (const { ticker } of fresh) this.#announced.add(ticker);
    const assumedFee = assertedFee(this.#options["fee"]);
    const document = readDocument(fresh.map((row) => marketObject(row, this.#options["tick"])));
    const options = { ...DEFAULT_METADATA_OPTIONS, assumedFee };
    announceMetadata(document, this.#sink.env, at as Micros, options);
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > MAX_LINE) return null;
  try {
    return DECODER.decode(bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end));
  } catch {
    return null;
  }
}
