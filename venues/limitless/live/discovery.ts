import type { SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { readBody } from "../json.ts";
import { readPage } from "../metadata.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Directory } from "./directory.ts";
import type { Failure } from "./failures.ts";
import type { LimitlessOptions } from "./options.ts";
import type { Answer, Rest } from "./rest.ts";

const TRIES = 6;
/** A group with many outcomes is about 5 KB for each of them. */
const MAX_PAGE_BYTES = 16 * 1_048_576;
const MAX_PAGES = 4_000;
/** Single markets asked for: new ones, and those that the catalogue shows no more. */
const MAX_WANTED = 500;
/** A new market is told of before its page is there. */
const NEW_MARKET_MICROS = 2_000_000;

interface Reading {
  readonly number: number;
  page: number;
  entries: number;
  /** As they came, for the next start; null = too many bytes. */
  pages: Uint8Array[] | null;
  bytes: number;
}

/**
 * The catalogue by `/markets/active`, page after page until as many entries came as are stated, or a page is empty.
 * Markets that a later reading does not show are asked for one by one: that is how their settlement is learned.
 */
export class Discovery {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #options: LimitlessOptions;
  readonly #catalogue: Catalogue;
  readonly #directory: Directory;
  readonly #wanted = new Set<string>();
  #asking = false;
  #reading: Reading | null = null;
  #readings = 0;
  #again = false;
  #complete = false;

  constructor(
    env: SessionEnv,
    scope: Scope,
    rest: Rest,
    options: LimitlessOptions,
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
    for (const body of cache.read()?.pages ?? []) {
      const page = readPage(readBody(body));
      if (page === null) report.refused("feed.shape", "a page of the discovery cache");
      else this.#catalogue.take(page.entries, 0);
    }
    this.#begin();
  }

  rediscover(): void {
    if (this.#scope.ended) return;
    if (this.#reading !== null || this.#readings === 0) this.#again = true;
    else this.#begin();
  }

  /** Asks for one market or group by its slug, a little later. */
  want(slug: string): void {
    if (this.#wanted.size >= MAX_WANTED || slug === "") return;
    this.#wanted.add(slug);
    if (this.#asking) return;
    this.#asking = true;
    this.#scope.after(NEW_MARKET_MICROS, () => this.#askNext());
  }

  #begin(): void {
    this.#directory.leftOut = 0;
    this.#reading = { number: ++this.#readings, page: 1, entries: 0, pages: [], bytes: 0 };
    this.#readPage(this.#reading);
  }

  #readPage(reading: Reading): void {
    const path = `/markets/active?page=${reading.page}&limit=${this.#options.pageLimit}`;
    this.#rest.retrying(path, "discovery", MAX_PAGE_BYTES, TRIES, (answer) => {
      const page = answer.ok ? readPage(readBody(answer.body)) : null;
      if (!answer.ok) this.#stop(answer.failure.reason, `${answer.failure.detail}${tries(answer.failure)}`);
      else if (page === null) this.#stop("feed.shape", "not the shape this adapter reads; run the probe");
      else {
        this.#keep(reading, answer.body);
        this.#catalogue.take(page.entries, reading.number);
        reading.entries += page.entries.length;
        if (!this.#complete) this.#env.report.progress("discovery", reading.entries, page.total);
        if (page.entries.length === 0 || reading.entries >= page.total) this.#ended(reading);
        else if (reading.page >= MAX_PAGES) this.#stop("feed.bad_answer", `more than ${MAX_PAGES} pages`);
        else {
          reading.page++;
          this.#readPage(reading);
        }
      }
    });
  }

  #keep(reading: Reading, body: Uint8Array): void {
    if (reading.pages === null) return;
    reading.bytes += body.length;
    if (reading.bytes > this.#options.maxCacheBytes) reading.pages = null;
    else reading.pages.push(body);
  }

  #ended(reading: Reading): void {
    const { report, cache, clock } = this.#env;
    for (const slug of this.#directory.unseen(reading.number)) {
      const symbol = this.#directory.symbolOf(slug);
      const closed = symbol === undefined ? null : this.#directory.close(symbol);
      if (closed !== null) report.listed([closed]);
      this.want(slug);
    }
    this.#directory.forgetClosed(reading.number - 1);
    if (this.#directory.leftOut > 0)
      report.refused("book.overflow", `${this.#directory.leftOut} markets beyond session.maxMarkets`);
    if (reading.pages !== null && reading.pages.length > 0) cache.write(reading.pages, clock.now());
    this.#complete = true;
    report.discovered();
    this.#idle();
  }

  #askNext(): void {
    const [slug] = this.#wanted;
    this.#asking = slug !== undefined;
    if (slug === undefined) return;
    this.#wanted.delete(slug);
    const path = `/markets/${encodeURIComponent(slug)}`;
    this.#rest.retrying(path, "discovery", MAX_PAGE_BYTES, TRIES, (answer) => {
      const value = answer.ok ? readBody(answer.body) : undefined;
      if (value !== undefined) this.#catalogue.take([value], this.#readings);
      else this.#refuse(slug, answer);
      this.#askNext();
    });
  }

  #refuse(slug: string, answer: Answer): void {
    if (answer.ok) this.#env.report.refused("feed.shape", `market ${slug}`);
    else this.#env.report.refused(answer.failure.reason, `market ${slug}: ${answer.failure.detail}`);
  }

  /** Start-up cannot go on without a catalogue; later the one at hand stays in use. */
  #stop(reason: Failure["reason"], detail: string): void {
    const where = `active markets, page ${this.#reading?.page ?? 0}: ${detail}`;
    if (this.#complete) {
      this.#env.report.refused(reason, `discovery: ${where}`);
      this.#idle();
    } else {
      this.#reading = null;
      this.#env.report.failed("discovery", where);
    }
  }

  #idle(): void {
    this.#reading = null;
    if (!this.#again) return;
    this.#again = false;
    this.#begin();
  }
}

function tries({ retry }: Failure): string {
  return retry ? `, ${TRIES} tries` : "";
}
