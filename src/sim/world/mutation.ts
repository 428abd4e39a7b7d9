/** How the bytes of one frame are damaged in flight. Positions are permille of the frame's length. */
export type Mutation =
  | { readonly type: "truncate"; readonly keepPermille: number }
  /** The high bit of one byte is set: no longer valid UTF-8, so never silently another number. */
  | { readonly type: "flip"; readonly atPermille: number }
  | { readonly type: "insert"; readonly atPermille: number; readonly bytes: readonly number[] }
  /** The frame opens `depth` brackets before it goes on. */
  | { readonly type: "nest"; readonly depth: number }
  | { readonly type: "replace"; readonly bytes: readonly number[] };

const OPEN_BRACKET = 0x5b;
const MAX_NEST = 100_000;

/** The damaged frame as a new array; `bytes` is left alone. An empty frame stays empty. */
export function mutateBytes(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  switch (mutation.type) {
    case "truncate":
      return bytes.slice(0, position(bytes, mutation.keepPermille));
    case "flip": {
      const flipped = bytes.slice();
      const at = Math.min(position(bytes, mutation.atPermille), flipped.length - 1);
      if (at >= 0) flipped[at] = flipped[at]! | 0x80;
      return flipped;
    }
    case "insert": {
      const at = position(bytes, mutation.atPermille);
      return joined(bytes.subarray(0, at), Uint8Array.from(mutation.bytes), bytes.subarray(at));
    }
    case "nest":
      return joined(new Uint8Array(Math.min(mutation.depth, MAX_NEST)).fill(OPEN_BRACKET), bytes);
    case "replace":
      return Uint8Array.from(mutation.bytes);
  }
}

function position(bytes: Uint8Array, permille: number): number {
  const bounded = Math.max(0, Math.min(1_000, permille));
  return Math.floor((bytes.length * bounded) / 1_000);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
