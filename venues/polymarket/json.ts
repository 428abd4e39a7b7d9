import type { Reason } from "../../src/contracts/index.ts";

/** Nesting of any real message is below 6. */
const MAX_DEPTH = 24;
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const STRING_TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Strict JSON: valid UTF-8, bounded depth, no key twice in one object. A string answer is the reason it is not. */
export function readJson(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly value: unknown } | Reason {
  if (tooDeep(bytes, start, end)) return "wire.too_deep";
  let text: string;
  let value: unknown;
  try {
    text = DECODER.decode(bytes.subarray(start, end));
    value = JSON.parse(text);
  } catch {
    return "wire.unreadable";
  }
  return keysWritten(text) === keysKept(value) ? { value } : "wire.duplicate_key";
}

/** Depth of brackets outside strings, before anything recursive looks at the text. */
function tooDeep(bytes: Uint8Array, start: number, end: number): boolean {
  let depth = 0;
  let inString = false;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (inString) {
      if (byte === 0x5c) pos++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

/** `JSON.parse` keeps the last of equal keys in silence: fewer kept than written means one was repeated. */
function keysWritten(text: string): number {
  let count = 0;
  for (const token of text.matchAll(STRING_TOKEN)) if (token[1] !== undefined) count++;
  return count;
}

function keysKept(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + keysKept(item), 0);
  const keys = Object.keys(value);
  return keys.reduce((sum, key) => sum + keysKept((value as Record<string, unknown>)[key]), keys.length);
}
