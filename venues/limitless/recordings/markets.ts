import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";
import { Announcer } from "../announce.ts";
import { readBody } from "../json.ts";
import { readEntry, readPage } from "../metadata.ts";
import { parseInstant } from "../scales.ts";

const BPS = /^\d{1,4}(\.\d{1,6})?$/;

/** A list of markets and groups, or a page of `/markets/active`, as the venue sent it. */
export const marketsReader: RecordingReader = {
  id: "limitless-markets",
  about:
    "markets and groups: a list or a page of /markets/active (options at: instant of the capture, fee: assumed taker fee in bps of shares)",
  unit: "document",
  open: (sink, options) => new MarketsSession(sink, options),
};

class MarketsSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #options: Readonly<Record<string, string>>;
  readonly #announcer: Announcer;

  constructor(sink: RecordingSink, options: Readonly<Record<string, string>>) {
    this.#sink = sink;
    this.#options = options;
    this.#announcer = new Announcer(sink.env, (fact, at) => sink.object(fact, at));
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    const value = readBody(bytes.subarray(start, end));
    const entries = readPage(value)?.entries ?? (Array.isArray(value) ? value : [value]);
    for (const entry of entries) this.#entry(entry);
  }

  end(): void {
    // Nothing is held back between entries.
  }

  #entry(value: unknown): void {
    const { fee, at } = this.#options;
    if (fee !== undefined && !BPS.test(fee)) {
      this.#sink.reject("import.bad_line", "option fee is no number of basis points");
      return;
    }
    const entry = readEntry(value, { venue: this.#sink.env.venue, assumedTakerFeeBps: fee ?? null });
    const instant = parseInstant(at ?? updatedAt(value));
    if (entry === null) this.#sink.reject("import.foreign", "neither a market nor a group");
    else if (instant === null)
      this.#sink.reject("import.bad_line", "neither option at nor updatedAt is an instant");
    else this.#announcer.entry(entry, instant as Micros);
  }
}

function updatedAt(value: unknown): string {
  if (typeof value !== "object" || value === null || !("updatedAt" in value)) return "";
  return typeof value.updatedAt === "string" ? value.updatedAt : "";
}
