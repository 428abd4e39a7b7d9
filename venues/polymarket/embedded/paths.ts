/** A request's path and its query, apart. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

export function targetOf(requestPath: string): Target {
  const mark = requestPath.indexOf("?");
  if (mark === -1) return { path: requestPath, query: new URLSearchParams() };
  return { path: requestPath.slice(0, mark), query: new URLSearchParams(requestPath.slice(mark + 1)) };
}

/** JSON of a body; undefined when it is none. */
export function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The CLOB's cursor before the first page and after the last one. */
const END_CURSOR = "LTE=";

/** Where a cursor page begins; null when it is no cursor. */
export function readOffset(cursor: string | null): number | null {
  if (cursor === null || cursor === "") return 0;
  const text = Buffer.from(cursor, "base64").toString("latin1");
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** Cursor of the page from `offset` on; of `null`, the end. */
export function writeOffset(offset: number | null): string {
  return offset === null ? END_CURSOR : Buffer.from(String(offset)).toString("base64");
}
