import { type Collection, ORDERS, type Order, type Row, rowSlug } from "./gamma-rows.ts";
import { termsOf } from "./terms.ts";

const PAGE = 20;
const MAX_PAGE = 100;
const MAX_IDS = 100;
/** Offsets beyond this are refused on the old listings. */
const MAX_OFFSET = 2000;

/** A listing as it was asked for. */
export interface GammaQuery {
  readonly order: Order;
  readonly ascending: boolean;
  readonly limit: number;
  /** Old listings only. */
  readonly offset: number;
  /** Place after which a keyset page begins; null = the first page. */
  readonly after: { readonly value: number; readonly number: number } | null;
  accepts(row: Row, closed: boolean): boolean;
}

/** Reads the query of a listing. A text is the refusal, status 422. */
export function readQuery(
  params: URLSearchParams,
  collection: Collection,
  style: "keyset" | "offset",
): GammaQuery | string {
  const order = ORDERS.find((name) => name === (params.get("order") ?? "id"));
  if (order === undefined) return "order fields are not valid";
  if (style === "keyset" && params.has("offset")) return "offset is not supported, use after_cursor";
  const limit = wholeNumber(params.get("limit"), PAGE);
  const offset = wholeNumber(params.get("offset"), 0);
  if (limit === null || limit < 1) return "limit is invalid";
  if (offset === null) return "offset is invalid";
  if (offset > MAX_OFFSET) return `offset too large, use /${collection}/keyset`;
  const after = readCursor(params.get("after_cursor"));
  if (after === undefined) return "after_cursor is invalid";
  if (params.getAll("condition_ids").length > MAX_IDS) return "too many condition_ids";
  return {
    order,
    ascending: (params.get("ascending") ?? (order === "id" ? "true" : "false")) === "true",
    limit: Math.min(limit, MAX_PAGE),
    offset,
    after,
    accepts: filterOf(params),
  };
}

/** Where the next keyset page begins. */
export function writeCursor(value: number, number: number): string {
  return Buffer.from(JSON.stringify([value, number])).toString("base64url");
}

/** Null: no cursor; undefined: not one of ours. */
function readCursor(text: string | null): GammaQuery["after"] | undefined {
  if (text === null || text === "") return null;
  try {
    const place: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (!Array.isArray(place)) return undefined;
    const [value, number]: unknown[] = place;
    return typeof value === "number" && typeof number === "number" ? { value, number } : undefined;
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string | null, otherwise: number): number | null {
  if (text === null) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The filters a listing knows; `active` and `archived` are ignored as the venue ignores them. */
function filterOf(params: URLSearchParams): GammaQuery["accepts"] {
  const closed = params.get("closed") === "true";
  const ids = setOf(params, "id");
  const slugs = setOf(params, "slug");
  const tokens = setOf(params, "clob_token_ids");
  const conditions = setOf(params, "condition_ids");
  const volumeMin = Number(params.get("volume_num_min") ?? 0);
  const tag = params.get("tag_slug");
  return (row, isClosed) => {
    const market = row.event.markets[row.outcome];
    const { spec } = row.event;
    return (
      isClosed === closed &&
      (ids === null || ids.has(String(row.number))) &&
      (slugs === null || slugs.has(rowSlug(row))) &&
      (conditions === null || (market !== undefined && conditions.has(market.id))) &&
      (tokens === null ||
        (market !== undefined && (tokens.has(market.symbol) || tokens.has(market.mirrorSymbol ?? "")))) &&
      !(spec.volume < volumeMin) &&
      (tag === null || tag === termsOf(spec.variety, spec.kind === "binary").tag)
    );
  };
}

function setOf(params: URLSearchParams, name: string): ReadonlySet<string> | null {
  const values = params.getAll(name);
  return values.length === 0 ? null : new Set(values);
}
