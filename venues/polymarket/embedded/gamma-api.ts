import type { EmbeddedExchange, Micros, ServedAnswer, ServedRequest } from "../../../src/contracts/index.ts";
import { json, NOT_FOUND, plain } from "./answers.ts";
import type { Directory } from "./directory.ts";
import { EdgeCache } from "./edge-cache.ts";
import type { GammaDocs } from "./gamma-docs.ts";
import { type GammaQuery, readQuery, writeCursor } from "./gamma-query.ts";
import { type Collection, GammaRows, indexAfter, type Row, rowSlug, sortValue } from "./gamma-rows.ts";

/** Since this date the offset listings are past their end, and answer still. */
const OLD_LISTING = {
  deprecation: "true",
  sunset: "Fri, 01 May 2026 00:00:00 GMT",
  warning: '299 - "This endpoint is deprecated, use the keyset endpoints"',
};

/** The catalogue: `/events`, `/markets`, their keyset forms, and single objects by id or slug. */
export class GammaApi {
  readonly #exchange: EmbeddedExchange;
  readonly #directory: Directory;
  readonly #docs: GammaDocs;
  readonly #rows: GammaRows;
  readonly #cache = new EdgeCache();

  constructor(exchange: EmbeddedExchange, directory: Directory, docs: GammaDocs) {
    this.#exchange = exchange;
    this.#directory = directory;
    this.#docs = docs;
    this.#rows = new GammaRows(directory);
  }

  answer(request: ServedRequest, at: Micros): ServedAnswer {
    if (/^python-urllib/i.test(request.headers["user-agent"] ?? "")) return plain(403, "error code: 1010");
    if (request.method !== "GET") return NOT_FOUND;
    return this.#cache.serve(request.path, at, () => this.#make(request.path, at));
  }

  #make(path: string, at: Micros): ServedAnswer {
    const url = new URL(path, "http://gamma");
    const [collection, key, slug, more] = url.pathname.split("/").slice(1);
    if ((collection !== "events" && collection !== "markets") || more !== undefined) return NOT_FOUND;
    if (key === undefined) return this.#listing(collection, url.searchParams, "offset", at);
    if (key === "keyset" && slug === undefined)
      return this.#listing(collection, url.searchParams, "keyset", at);
    if (key === "slug" && slug !== undefined) return this.#bySlug(collection, slug, at);
    return slug === undefined ? this.#byId(collection, key, at) : NOT_FOUND;
  }

  #listing(
    collection: Collection,
    params: URLSearchParams,
    style: "keyset" | "offset",
    at: Micros,
  ): ServedAnswer {
    const query = readQuery(params, collection, style);
    if (typeof query === "string") return json(422, { type: "validation error", error: query });
    const { rows, more } = this.#page(collection, query);
    const documents = rows.map((row) => this.#document(row, at)).filter((found) => found !== null);
    if (style === "offset") return json(200, documents, OLD_LISTING);
    const last = more ? rows.at(-1) : undefined;
    const next =
      last === undefined ? {} : { next_cursor: writeCursor(sortValue(last, query.order), last.number) };
    return json(200, { [collection]: documents, ...next });
  }

  #page(
    collection: Collection,
    query: GammaQuery,
  ): { readonly rows: readonly Row[]; readonly more: boolean } {
    const { order, ascending, after, limit } = query;
    const all = this.#rows.sorted(collection, order, ascending);
    const rows: Row[] = [];
    let skip = query.offset;
    let at = after === null ? 0 : indexAfter(all, after.value, after.number, order, ascending);
    for (; at < all.length; at++) {
      const row = all[at]!;
      if (!query.accepts(row, this.#closed(row)) || skip-- > 0) continue;
      if (rows.length === limit) return { rows, more: true };
      rows.push(row);
    }
    return { rows, more: false };
  }

  #closed(row: Row): boolean {
    const market = row.event.markets[row.outcome];
    if (market === undefined) return this.#docs.closed(row.event);
    return this.#exchange.market(market.symbol)?.status === "resolved";
  }

  #document(row: Row, at: Micros): object | null {
    if (this.#directory.event(row.event.id) === undefined) return null;
    return row.outcome === -1
      ? this.#docs.event(row.event, at)
      : this.#docs.market(row.event, row.outcome, at);
  }

  #byId(collection: Collection, id: string, at: Micros): ServedAnswer {
    return this.#first(collection, (row) => String(row.number) === id, at);
  }

  #bySlug(collection: Collection, slug: string, at: Micros): ServedAnswer {
    const number = slug.slice(slug.lastIndexOf("-") + 1);
    return this.#first(collection, (row) => String(row.number) === number && rowSlug(row) === slug, at);
  }

  #first(collection: Collection, wanted: (row: Row) => boolean, at: Micros): ServedAnswer {
    const row = this.#rows.sorted(collection, "id", true).find(wanted);
    const document = row === undefined ? null : this.#document(row, at);
    return document === null
      ? json(404, { type: "not found error", error: "id not found" })
      : json(200, document);
  }
}
