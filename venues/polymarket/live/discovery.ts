import type { Cancel, SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { type Catalogue, readEventPage, readMarketPage } from "./catalogue.ts";
import type { Directory } from "./directory.ts";
import type { Failure } from "./failures.ts";
import type { PolymarketOptions } from "./options.ts";
import { type Answer, type Call, type Rest, readBody } from "./rest.ts";

const TRIES = 6;
const TIMEOUT_MICROS = 30_000_000;
/** 100 markets are about 0.6 MB, and an event may have dozens. */
const MAX_PAGE_BYTES = 64 * 1_048_576;
const MAX_PAGES = 5_000;
/** Events announced in one turn: frames are read between two turns. */
const SLICE = 20;
const UNPROCESSABLE = 422;
/** Condition ids of one request (100 are allowed; the address has to stay short), and requests of one reading. */
const IDS_PER_REQUEST = 50;
const MAX_SETTLED_REQUESTS = 20;
/** New markets are in the catalogue, and at the CLOB, only minutes after they are announced. */
const NEW_EVENT_MICROS = 60_000_000;
const MAX_NEW_EVENTS = 200;

/** One reading of the catalogue. */
interface Reading {
  readonly number: number;
  readonly sorted: boolean;
  readonly startedAt: number;
  readonly cursors: Set<string>;
  /** As they came, for the next start; null = too many bytes. */
  pages: Uint8Array[] | null;
  bytes: number;
  events: number;
}

/**
 * Gamma's catalogue by `/events/keyset`, page after page until no cursor comes, most traded first. Markets that are
 * shown no more are asked for by id: how they settled is told nowhere else. It says nothing of prices: Gamma's are
 * minutes old.
 */
export class Discovery {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #options: PolymarketOptions;
  readonly #catalogue: Catalogue;
  readonly #directory: Directory;
  readonly #newEvents = new Set<string>();
  #reading: Reading | null = null;
  #readings = 0;
  #again = false;
  #complete = false;
  #nextReading: Cancel | null = null;
  #nextEvent: Cancel | null = null;

  constructor(
    env: SessionEnv,
    scope: Scope,
    rest: Rest,
    options: PolymarketOptions,
    catalogue: Catalogue,
    directory: Directory,
  ) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
    this.#options = options;
    this.#catalogue = catalogue;
    this.#directory = directory;
  }

  /** What an earlier run kept is announced first, then the catalogue is read. */
  start(): void {
    const { report, cache } = this.#env;
    report.progress("discovery", 0, null);
    const pages = cache.read()?.pages ?? [];
    this.#warm(pages, 0, () => this.#begin(true));
  }

  rediscover(): void {
    if (this.#scope.ended) return;
    if (this.#reading !== null || this.#readings === 0) this.#again = true;
    else this.#begin(true);
  }

  /** An event that is new: read once the catalogue can know it. */
  wantEvent(id: string): void {
    if (!/^\d{1,18}$/.test(id) || this.#newEvents.size >= MAX_NEW_EVENTS) return;
    this.#newEvents.add(id);
    this.#nextEvent ??= this.#scope.after(NEW_EVENT_MICROS, () => this.#readNewEvent());
  }

  #warm(pages: readonly Uint8Array[], index: number, then: () => void): void {
    const body = pages[index];
    if (body === undefined) {
      then();
      return;
    }
    const page = readEventPage(body);
    if (page === null) this.#env.report.refused("feed.shape", "a page of the discovery cache");
    this.#inSlices(page?.events ?? [], 0, 0, () => this.#warm(pages, index + 1, then));
  }

  #begin(sorted: boolean): void {
    this.#nextReading?.();
    this.#directory.leftOut = 0;
    this.#reading = {
      number: ++this.#readings,
      sorted,
      startedAt: this.#env.clock.now(),
      cursors: new Set(),
      pages: [],
      bytes: 0,
      events: 0,
    };
    this.#readPage(this.#reading, "");
  }

  #readPage(reading: Reading, cursor: string): void {
    const order = reading.sorted ? "&order=volume24hr&ascending=false" : "";
    const after = cursor === "" ? "" : `&after_cursor=${encodeURIComponent(cursor)}`;
    const path = `/events/keyset?closed=false&limit=${this.#options.pageLimit}${order}${after}`;
    this.#ask(path, (answer) => {
      if (answer.ok) this.#page(reading, answer.body);
      else if (answer.failure.status === UNPROCESSABLE && reading.sorted) {
        // The order, or a cursor that stands for a place in it, is refused: once more without.
        this.#env.report.refused("feed.bad_answer", `${this.#where(reading)}: ${answer.failure.detail}`);
        this.#begin(false);
      } else this.#failed(reading, answer.failure);
    });
  }

  #page(reading: Reading, body: Uint8Array): void {
    const page = readEventPage(body);
    if (page === null) {
      this.#stop("feed.shape", `${this.#where(reading)}: not the shape this adapter reads; run the probe`);
      return;
    }
    this.#keep(reading, body);
    this.#inSlices(page.events, 0, reading.number, () => {
      reading.events += page.events.length;
      if (!this.#complete) this.#env.report.progress("discovery", reading.events, null);
      const { cursor } = page;
      if (cursor === "") this.#ended(reading, true);
      else if (this.#directory.isFull) this.#ended(reading, false);
      else if (reading.cursors.has(cursor) || reading.cursors.size >= MAX_PAGES)
        this.#stop("feed.bad_answer", `${this.#where(reading)}: the cursor comes again`);
      else {
        reading.cursors.add(cursor);
        this.#readPage(reading, cursor);
      }
    });
  }

  #inSlices(events: readonly unknown[], from: number, reading: number, then: () => void): void {
    if (from >= events.length) {
      then();
      return;
    }
    this.#catalogue.events(events.slice(from, from + SLICE), reading);
    this.#scope.after(0, () => this.#inSlices(events, from + SLICE, reading, then));
  }

  #keep(reading: Reading, body: Uint8Array): void {
    if (reading.pages === null) return;
    reading.bytes += body.length;
    // The first pages hold the most traded events: they are worth keeping without the rest.
    if (reading.bytes <= this.#options.maxCacheBytes) reading.pages.push(body);
  }

  #ended(reading: Reading, toTheEnd: boolean): void {
    const unseen = this.#directory.unseen(reading.number);
    if (toTheEnd) {
      const closed = unseen
        .map(({ symbol }) => this.#directory.close(symbol))
        .filter((book) => book !== null);
      if (closed.length > 0) this.#env.report.listed(closed);
    }
    this.#directory.forgetClosed(reading.number - 1);
    if (this.#directory.leftOut > 0)
      this.#env.report.refused(
        "book.overflow",
        `${this.#directory.leftOut} markets beyond session.maxMarkets`,
      );
    if (reading.pages !== null && reading.pages.length > 0)
      this.#env.cache.write(reading.pages, this.#env.clock.now());
    this.#complete = true;
    this.#env.report.discovered();
    this.#settled(
      unseen.map(({ conditionId }) => conditionId).slice(0, IDS_PER_REQUEST * MAX_SETTLED_REQUESTS),
      0,
    );
  }

  /** How markets that are listed no more ended. */
  #settled(ids: readonly string[], from: number): void {
    if (from >= ids.length) {
      this.#idle();
      return;
    }
    const some = ids.slice(from, from + IDS_PER_REQUEST);
    const path = `/markets/keyset?closed=true&limit=${IDS_PER_REQUEST}${some.map((id) => `&condition_ids=${id}`).join("")}`;
    this.#ask(path, (answer) => {
      const markets = answer.ok ? readMarketPage(answer.body) : null;
      if (markets !== null) this.#catalogue.markets(markets, this.#readings);
      else this.#refuse("closed markets", answer);
      this.#settled(ids, from + IDS_PER_REQUEST);
    });
  }

  #readNewEvent(): void {
    this.#nextEvent = null;
    const [id] = this.#newEvents;
    if (id === undefined) return;
    this.#newEvents.delete(id);
    this.#ask(`/events/${id}`, (answer) => {
      const event = answer.ok ? readBody(answer.body) : undefined;
      if (event === undefined) this.#refuse(`event ${id}`, answer);
      else this.#catalogue.events([event], this.#readings);
      if (this.#newEvents.size > 0) this.#nextEvent ??= this.#scope.after(0, () => this.#readNewEvent());
    });
  }

  #ask(path: string, answered: (answer: Answer) => void): void {
    const rateClass = path.startsWith("/markets") ? "gamma-markets" : "gamma";
    const call: Call = {
      host: "gamma",
      method: "GET",
      path,
      rateClass,
      purpose: "discovery",
      timeoutMicros: TIMEOUT_MICROS,
      maxBytes: MAX_PAGE_BYTES,
    };
    this.#rest.retrying(call, TRIES, answered);
  }

  #refuse(what: string, answer: Answer): void {
    if (answer.ok) this.#env.report.refused("feed.shape", `discovery: ${what}`);
    else this.#env.report.refused(answer.failure.reason, `discovery: ${what}: ${answer.failure.detail}`);
  }

  #where(reading: Reading): string {
    return `Gamma events page ${reading.cursors.size + 1}`;
  }

  #failed(reading: Reading, failure: Failure): void {
    const tries = failure.retry ? `, ${TRIES} tries` : "";
    this.#stop(failure.reason, `${this.#where(reading)}: ${failure.detail}${tries}${mend(failure)}`);
  }

  /** Start-up cannot go on without a catalogue; later the one at hand stays in use. */
  #stop(reason: Failure["reason"], detail: string): void {
    if (this.#complete) {
      this.#env.report.refused(reason, `discovery: ${detail}`);
      this.#idle();
    } else {
      this.#reading = null;
      this.#env.report.failed("discovery", detail);
    }
  }

  /** Nothing is read until it is asked for, or due. */
  #idle(): void {
    this.#reading = null;
    if (this.#again) {
      this.#again = false;
      this.#begin(true);
    } else if (this.#options.rediscoverMs > 0)
      this.#nextReading = this.#scope.after(this.#options.rediscoverMs * 1_000, () => this.rediscover());
  }
}

/** What a person can do about it. */
function mend({ reason }: Failure): string {
  switch (reason) {
    case "feed.unreachable":
    case "feed.timeout":
      return "; check this machine's network and name service";
    case "feed.geo":
    case "feed.auth":
    case "feed.html":
      return "; the venue blocks this address or user agent";
    default:
      return "";
  }
}
