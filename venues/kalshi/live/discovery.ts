import type { Micros, SessionEnv } from "../../../src/contracts/index.ts";
import type { Announcer } from "./announcer.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Failure } from "./failures.ts";
import type { KalshiOptions } from "./options.ts";
import type { Rest } from "./rest.ts";

const TRIES = 5;
const TIMEOUT_MICROS = 20_000_000;
const MAX_PAGE_BYTES = 64 * 1_048_576;
/** The venue has about 50 pages of 200 events. */
const MAX_PAGES = 10_000;
/** Overlap of two readings of what changed: the venue's clock and its index may lag. */
const OVERLAP_SECONDS = 120;

interface Reading {
  readonly number: number;
  readonly kind: "whole" | "changes";
  readonly startedAt: Micros;
  /** Pages as they came, for the next start; null = too many bytes. */
  pages: Uint8Array[] | null;
  bytes: number;
  events: number;
  readonly cursors: Set<string>;
}

/**
 * The catalogue: fee terms of all series once, then events with their markets page by page to the end. Later readings
 * ask only for what changed, and for everything again now and then: openings and closings by the clock change nothing
 * that the venue would list as updated.
 */
export class Discovery {
  readonly #env: SessionEnv;
  readonly #options: KalshiOptions;
  readonly #rest: Rest;
  readonly #announcer: Announcer;
  readonly #events: EventQueue;
  #reading: Reading | null = null;
  #readings = 0;
  #again = false;
  /** Body of the series answer, kept for the cache. */
  #series: Uint8Array | null = null;
  #seriesAt = 0;
  #complete = false;
  #wholeAt = 0;
  #changesFrom = 0;

  constructor(env: SessionEnv, options: KalshiOptions, rest: Rest, announcer: Announcer, events: EventQueue) {
    this.#env = env;
    this.#options = options;
    this.#rest = rest;
    this.#announcer = announcer;
    this.#events = events;
  }

  start(): void {
    const cached = this.#env.cache.read();
    for (const page of cached?.pages ?? [])
      if (this.#announcer.page(page, 0) === null && !this.#announcer.series(page))
        this.#env.report.refused("feed.shape", "a page of the discovery cache");
    this.#env.report.progress("discovery", 0, null);
    this.#readSeries();
  }

  rediscover(): void {
    if (this.#reading !== null || !this.#complete) {
      this.#again = true;
      return;
    }
    const whole = this.#env.clock.now() - this.#wholeAt >= this.#options.rediscoverMs * 1_000;
    this.#readFees(whole ? "whole" : "changes");
  }

  #readSeries(): void {
    const call = { method: "GET", path: "/series", purpose: "discovery" } as const;
    const startedAt = this.#env.clock.now();
    this.#rest.retrying(
      { ...call, timeoutMicros: TIMEOUT_MICROS, maxBytes: MAX_PAGE_BYTES },
      TRIES,
      (answer) => {
        if (!answer.ok) this.#failed("series", answer.failure);
        else if (!this.#announcer.series(answer.body)) this.#unreadable("series");
        else {
          this.#series = answer.body;
          this.#seriesAt = startedAt;
          this.#readFees("whole");
        }
      },
    );
  }

  /** Announced fee changes. Without them the terms of today stand; the events are read all the same. */
  #readFees(next: Reading["kind"]): void {
    this.#begin(next);
    const call = { method: "GET", path: "/series/fee_changes", purpose: "discovery" } as const;
    this.#rest.retrying(call, TRIES, (answer) => {
      if (!answer.ok)
        this.#env.report.refused(answer.failure.reason, `fee changes: ${answer.failure.detail}`);
      else {
        const refused = this.#announcer.fees.take(answer.body, this.#seriesAt);
        if (refused !== 0)
          this.#env.report.refused("feed.shape", `fee changes: ${refused ?? "all"} entries unreadable`);
      }
      this.#readPage("");
    });
  }

  #begin(kind: Reading["kind"]): void {
    const startedAt = this.#env.clock.now();
    const pages = kind === "whole" && this.#series !== null ? [this.#series] : null;
    this.#announcer.listings.leftOut = 0;
    this.#reading = {
      number: ++this.#readings,
      kind,
      startedAt,
      pages,
      bytes: 0,
      events: 0,
      cursors: new Set(),
    };
  }

  #readPage(cursor: string): void {
    const reading = this.#reading!;
    const { pageLimit } = this.#options;
    const which =
      reading.kind === "whole"
        ? "status=open"
        : `min_updated_ts=${Math.floor(this.#changesFrom / 1_000_000)}`;
    const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/events?with_nested_markets=true&${which}&limit=${pageLimit}${from}`;
    const call = { method: "GET", path, purpose: "discovery" } as const;
    const where = `events page ${reading.cursors.size + 1}`;
    this.#rest.retrying(
      { ...call, timeoutMicros: TIMEOUT_MICROS, maxBytes: MAX_PAGE_BYTES },
      TRIES,
      (answer) => {
        if (answer.ok) this.#page(answer.body, where);
        else this.#failed(where, answer.failure);
      },
    );
  }

  #page(body: Uint8Array, where: string): void {
    const reading = this.#reading!;
    const page = this.#announcer.page(body, reading.kind === "whole" ? reading.number : -1);
    if (page === null) {
      this.#unreadable(where);
      return;
    }
    this.#keep(reading, body);
    reading.events += page.events;
    if (!this.#complete) this.#env.report.progress("discovery", reading.events, null);
    if (page.cursor === "") this.#ended(reading);
    else if (reading.cursors.has(page.cursor) || reading.cursors.size >= MAX_PAGES)
      this.#stop("feed.bad_answer", `${where}: the cursor comes again`);
    else {
      reading.cursors.add(page.cursor);
      this.#readPage(page.cursor);
    }
  }

  #keep(reading: Reading, body: Uint8Array): void {
    if (reading.pages === null) return;
    reading.bytes += body.length;
    if (reading.bytes > this.#options.maxCacheBytes) reading.pages = null;
    else reading.pages.push(body);
  }

  #ended(reading: Reading): void {
    const { listings } = this.#announcer;
    this.#changesFrom = reading.startedAt - OVERLAP_SECONDS * 1_000_000;
    if (reading.kind === "whole") {
      this.#wholeAt = reading.startedAt;
      const { books, events } = listings.vanished(reading.number);
      this.#announcer.listed(books);
      for (const event of events) this.#events.want(event);
      if (reading.pages !== null) this.#env.cache.write(reading.pages, reading.startedAt);
    }
    if (listings.leftOut > 0)
      this.#env.report.refused("book.overflow", `${listings.leftOut} books beyond session.maxBooks`);
    this.#reading = null;
    this.#complete = true;
    this.#env.report.discovered();
    this.#followUp();
  }

  #failed(where: string, { reason, detail, retry }: Failure): void {
    this.#stop(reason, `${where}: ${detail}${retry ? `, ${TRIES} tries` : ""}`);
  }

  #unreadable(where: string): void {
    this.#stop("feed.shape", `${where}: not the shape this adapter reads; run the probe`);
  }

  /** Start-up cannot go on without a catalogue; later the one at hand stays in use. */
  #stop(reason: Failure["reason"], detail: string): void {
    this.#reading = null;
    if (this.#complete) {
      this.#env.report.refused(reason, `discovery: ${detail}`);
      this.#followUp();
    } else this.#env.report.failed("discovery", detail);
  }

  #followUp(): void {
    if (!this.#again) return;
    this.#again = false;
    this.rediscover();
  }
}
