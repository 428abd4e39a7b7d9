import type { Reason } from "../../src/contracts/index.ts";

/** Nesting of any real message is below 8. */
const MAX_DEPTH = 24;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const COLON = 0x3a;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** The reviver's third argument (ES2025 "JSON.parse source text access") is not in the type library yet. */
const parseWith = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** The text of some bytes; null when they are no UTF-8. */
export function textOf(bytes: Uint8Array, start: number, end: number): string | null {
  try {
    return DECODER.decode(bytes.subarray(start, end));
  } catch {
    return null;
  }
}

/**
 * Strict JSON with exact numbers: bounded depth, no key twice in one object, and every number as the text it was
 * written with, so that no float touches a price. A string answer is the reason it is not.
 */
export function readExact(text: string): { readonly value: unknown } | Reason {
  const keys = keysWritten(text);
  if (keys === null) return "wire.too_deep";
  try {
    const value = parseWith(text, (_, inner, { source }) => (typeof inner === "number" ? source : inner));
    return keysKept(value) === keys ? { value } : "wire.duplicate_key";
  } catch {
    return "wire.unreadable";
  }
}

/** JSON of a body with ordinary numbers, for metadata; undefined when it is none. */
export function readBody(body: Uint8Array): unknown {
  const text = textOf(body, 0, body.length);
  if (text === null || keysWritten(text) === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keys as written, before anything recursive looks at the text; null = nested too deep. */
function keysWritten(text: string): number | null {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (text.charCodeAt(skipBlanks(text, at + 1)) === COLON) keys++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) return null;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return keys;
}

/** Index of the quote that ends the string begun at `open`, or the text's length. */
function stringEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** `JSON.parse` keeps the last of equal keys in silence: fewer kept than written means one was repeated. */
function keysKept(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + keysKept(item), 0);
  const inner = Object.values(value);
  return inner.reduce((sum: number, item) => sum + keysKept(item), inner.length);
}
