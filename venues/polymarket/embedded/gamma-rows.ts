import type { EmbeddedEvent } from "../../../src/contracts/index.ts";
import type { Directory } from "./directory.ts";
import { marketNumber, slugOf } from "./identity.ts";
import { questionOf } from "./list.ts";

/** One row of a listing: an event (`outcome` -1) or one of its markets. */
export interface Row {
  readonly number: number;
  readonly event: EmbeddedEvent;
  readonly outcome: number;
}

export type Collection = "events" | "markets";

/** Names Gamma sorts by; anything else, snake_case above all, is refused. */
export const ORDERS = ["id", "volume24hr", "volumeNum", "liquidityNum", "endDate", "startDate"] as const;
export type Order = (typeof ORDERS)[number];

const MAX_SORTED = 24;

/** The value a row is sorted by. Every total of a market is a fixed share of a day's trade. */
export function sortValue(row: Row, order: Order): number {
  const { spec, markets } = row.event;
  switch (order) {
    case "id":
      return row.number;
    case "endDate":
      return spec.closesAt;
    case "startDate":
      return spec.opensAt;
    case "volume24hr":
    case "volumeNum":
    case "liquidityNum":
      return row.outcome === -1 ? spec.volume : spec.volume / markets.length;
  }
}

/** Slug of a row, as its document states it. */
export function rowSlug(row: Row): string {
  const { spec } = row.event;
  return slugOf(row.outcome === -1 ? spec.title : questionOf(spec, row.outcome), row.number);
}

/** The rows of a collection in an order; sorted lists are kept until an event comes or goes. */
export class GammaRows {
  readonly #directory: Directory;
  readonly #sorted = new Map<string, readonly Row[]>();
  #version = -1;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  /** All rows, best first. */
  sorted(collection: Collection, order: Order, ascending: boolean): readonly Row[] {
    if (this.#version !== this.#directory.version || this.#sorted.size > MAX_SORTED) {
      this.#sorted.clear();
      this.#version = this.#directory.version;
    }
    const key = `${collection} ${order} ${ascending}`;
    const known = this.#sorted.get(key);
    if (known !== undefined) return known;
    const rows = this.#rows(collection);
    if (order !== "id" || !ascending) rows.sort((a, b) => compare(a, b, order, ascending));
    this.#sorted.set(key, rows);
    return rows;
  }

  #rows(collection: Collection): Row[] {
    const { events } = this.#directory;
    if (collection === "events")
      return events.map((event) => ({ number: Number(event.id), event, outcome: -1 }));
    return events.flatMap((event) =>
      event.markets.map((_, outcome) => ({ number: marketNumber(event.spec, outcome), event, outcome })),
    );
  }
}

/** Order of two rows: by value, ties by number, both in the asked direction. */
function compare(a: Row, b: Row, order: Order, ascending: boolean): number {
  return comparePlace(a, sortValue(b, order), b.number, order, ascending);
}

function comparePlace(row: Row, value: number, number: number, order: Order, ascending: boolean): number {
  const difference = sortValue(row, order) - value || row.number - number;
  return ascending ? difference : -difference;
}

/** Index of the first row after a place in a sorted list. */
export function indexAfter(
  rows: readonly Row[],
  value: number,
  number: number,
  order: Order,
  ascending: boolean,
): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePlace(rows[middle]!, value, number, order, ascending) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
