/** Checks that `JSON.parse` does not make: nesting depth and repeated keys. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** True when brackets outside strings nest deeper than `limit`. Works on any bytes, valid JSON or not. */
export function nestsDeeperThan(bytes: Uint8Array, start: number, end: number, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!;
    if (inString) {
      if (byte === BACKSLASH) p++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

/**
 * Where a key is repeated in a frame: in the envelope, in the object under `msg`, or nowhere.
 * Deeper objects are not looked at: the adapter reads none of their keys.
 * @param text valid JSON (already parsed once); in valid JSON a string followed by a colon is a key.
 */
export function repeatedKey(text: string): "envelope" | "msg" | null {
  const envelope = new Set<string>();
  const inner = new Set<string>();
  let owner = "";
  let depth = 0;
  for (let p = 0; p < text.length; p++) {
    const char = text[p]!;
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    if (char !== '"') continue;
    const end = stringEnd(text, p);
    if (depth <= 2 && isKey(text, end)) {
      const key = JSON.parse(text.slice(p, end)) as string;
      if (depth === 1) {
        if (envelope.has(key)) return "envelope";
        envelope.add(key);
        inner.clear();
        owner = key;
      } else if (owner === "msg") {
        if (inner.has(key)) return "msg";
        inner.add(key);
      }
    }
    p = end - 1;
  }
  return null;
}

function stringEnd(text: string, start: number): number {
  let p = start + 1;
  while (text[p] !== '"') p += text[p] === "\\" ? 2 : 1;
  return p + 1;
}

function isKey(text: string, after: number): boolean {
  let p = after;
  while (text[p] === " " || text[p] === "\t" || text[p] === "\n" || text[p] === "\r") p++;
  return text[p] === ":";
}
