import { z } from "zod";
import type {
  Micros,
  RecordingReader,
  RecordingSession,
  RecordingSink,
} from "../../../src/contracts/index.ts";
import { Announcer } from "../announce.ts";
import { type GammaEvent, parseGammaEvent } from "../gamma.ts";
import { parseInstant } from "../instant.ts";
import { readJson } from "../json.ts";
import { PollWriter } from "./poll-writer.ts";

const Quote = z.object({
  price_buy: z.object({ price: z.string() }),
  price_sell: z.object({ price: z.string() }),
});

const Capture = z.object({
  _meta: z.object({ source: z.literal("polymarket"), fetched_at_utc: z.string() }),
  gamma_events: z.array(z.unknown()),
  clob_quotes: z.record(z.string(), z.unknown()),
});

/**
 * Hourly captures of whole negative-risk events: raw Gamma events, and the best prices of every YES token polled
 * within seconds. `price_buy` is the best bid, `price_sell` the best ask, "0" an empty side. There are no sizes.
 */
export const weatherReader: RecordingReader = {
  id: "polymarket-weather",
  about:
    "Gamma events with polled best prices, one capture a line; sizes are assumed (option assume-size, shares)",
  unit: "line",
  open: (sink, options) => new WeatherSession(sink, options["assume-size"]),
};

class WeatherSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #announcer: Announcer;
  readonly #polls: PollWriter;

  constructor(sink: RecordingSink, assumeSize: string | undefined) {
    this.#sink = sink;
    this.#announcer = new Announcer(sink.env, (fact, at) => sink.object(fact, at));
    this.#polls = new PollWriter(sink, "weather polls", assumeSize);
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    if (this.#polls.fault !== null) {
      this.#sink.reject("import.bad_line", this.#polls.fault);
      return;
    }
    const json = readJson(bytes, start, end);
    if (typeof json === "string") {
      this.#sink.reject("import.bad_line", json);
      return;
    }
    const capture = Capture.safeParse(json.value);
    if (!capture.success) {
      this.#sink.reject("import.foreign", "no capture of Gamma events with clob_quotes");
      return;
    }
    const at = parseInstant(capture.data._meta.fetched_at_utc);
    if (at === null) {
      this.#sink.reject("import.bad_line", "_meta.fetched_at_utc is no instant");
      return;
    }
    const now = this.#polls.begin(at);
    for (const value of capture.data.gamma_events) {
      const event = parseGammaEvent(value, this.#sink.env.venue, now);
      if (event === null) this.#sink.reject("import.bad_line", "gamma_events holds what is no Gamma event");
      else this.#quotes(event, capture.data.clob_quotes, now);
    }
    this.#polls.end();
  }

  #quotes(event: GammaEvent, quotes: Readonly<Record<string, unknown>>, at: Micros): void {
    const books = this.#announcer.event(event, at);
    for (const { conditionId, listing } of event.markets) {
      const book = books.get(conditionId) ?? -1;
      if (listing === null || book === -1) continue;
      const quote = Quote.safeParse(quotes[listing.symbol]);
      if (!quote.success) this.#polls.missing(book);
      else this.#polls.quote(book, quote.data.price_buy.price, quote.data.price_sell.price, listing.minLots);
    }
  }

  end(): void {
    this.#polls.close();
  }
}
