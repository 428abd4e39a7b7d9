import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";
import { Announcer } from "../announce.ts";
import { parseClobMarket } from "../clob-markets.ts";
import { parseGammaEvent, parseGammaMarket } from "../gamma.ts";
import { parseInstant } from "../instant.ts";
import { readJson } from "../json.ts";

/** Gamma events, Gamma or CLOB markets, one a line. */
export const gammaReader: RecordingReader = {
  id: "polymarket-gamma",
  about:
    "Gamma events or markets, one a line (option at: the instant of the capture, else each object's updatedAt)",
  unit: "line",
  open: (sink, options) => new GammaSession(sink, options["at"]),
};

/** A Gamma answer: one object, an array, or a page with `data`. */
export const gammaDocumentReader: RecordingReader = {
  id: "polymarket-gamma-document",
  about:
    "a Gamma answer: an event, a market, an array or a page of them (option at, as for polymarket-gamma)",
  unit: "document",
  open: (sink, options) => new GammaSession(sink, options["at"]),
};

class GammaSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #announcer: Announcer;
  readonly #givenAt: string | undefined;

  constructor(sink: RecordingSink, at: string | undefined) {
    this.#sink = sink;
    this.#announcer = new Announcer(sink.env, (fact, instant) => sink.object(fact, instant));
    this.#givenAt = at;
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const json = readJson(bytes, start, end);
    if (typeof json === "string") {
      this.#sink.reject("import.bad_line", json);
      return;
    }
    for (const item of items(json.value)) this.#item(item);
  }

  #item(value: Readonly<Record<string, unknown>>): void {
    const stamp = this.#givenAt ?? (typeof value["updatedAt"] === "string" ? value["updatedAt"] : undefined);
    const at = parseInstant(stamp);
    if (at === null) {
      this.#sink.reject("import.bad_line", "neither option at nor updatedAt is an instant");
      return;
    }
    if ("markets" in value) this.#event(value, at);
    else this.#market(value, at);
  }

  #event(value: unknown, at: Micros): void {
    const event = parseGammaEvent(value, this.#sink.env.venue, at);
    if (event === null) {
      this.#sink.reject("import.foreign", "no Gamma event");
      return;
    }
    if (event.unreadable > 0) {
      this.#sink.reject(
        "import.bad_line",
        `event ${event.id}: ${event.unreadable} markets could not be read`,
      );
    }
    this.#announcer.event(event, at);
  }

  #market(value: unknown, at: Micros): void {
    const { venue } = this.#sink.env;
    const market = parseGammaMarket(value, venue, at) ?? parseClobMarket(value, venue);
    if (market === null) {
      this.#sink.reject("import.foreign", "no event or market of Gamma or the CLOB");
      return;
    }
    this.#announcer.market(market, at);
  }

  end(): void {
    // Nothing is held back between lines.
  }
}

/** The objects of an answer: itself, its array, its page's `data` or `events`, or a recorder's `raw`. */
function items(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(items);
  if (typeof value !== "object" || value === null) return [{}];
  const object = value as Readonly<Record<string, unknown>>;
  for (const key of ["data", "events", "raw"]) {
    const inner = object[key];
    if (
      !("conditionId" in object) &&
      !("condition_id" in object) &&
      !("markets" in object) &&
      typeof inner === "object" &&
      inner !== null
    ) {
      return items(inner);
    }
  }
  return [object];
}
