/** Deterministic damage to frames, for parity tests of the scanner and the oracle. */

/** Small seeded generator (mulberry32): uniform integers below a bound. */
export function seededInt(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Pieces that are likely to be almost right. */
const PIECES = [
  '"',
  "\\",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "0",
  "9",
  ".",
  "-",
  "+",
  "e9",
  " ",
  "\n",
  "\u0000",
  "\u007f",
  "é",
  "null",
  "true",
  "NaN",
  "1e400",
  "-0",
  "00",
  "99999999999999999999",
  '""',
  "[]",
  "{}",
  "\\u0030",
  '"side":"yes",',
  '"side":"no",',
  '"delta_fp":"-0.00",',
  '"price_dollars":"0.5000",',
  '"ts_ms":0,',
  '"ts":1,',
  '"market_ticker":"KXOTHER-1",',
  '"seq":1,',
  '"sid":1,',
  '"type":"trade",',
  '"note":[1,{"a":"b"}],',
  '"yes":[],',
  '"no_dollars_fp":[["0.5000","1.00"]],',
  '["0.0100","0.00"],',
  '"is_block_trade":true,',
  '"taker_side":"no",',
] as const;

const INTERESTING = new TextEncoder().encode('"\\{}[],:0123456789.-+eE yesnotrufalabid_');
const ENCODER = new TextEncoder();

/** One to three random damages of a frame. */
export function mutate(frame: Uint8Array, int: (bound: number) => number): Uint8Array {
  let bytes = frame;
  for (let rounds = 1 + int(3); rounds > 0; rounds--) bytes = damage(bytes, int);
  return bytes;
}

function damage(bytes: Uint8Array, int: (bound: number) => number): Uint8Array {
  const at = int(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + int(24));
  switch (int(9)) {
    case 0:
      return patched(bytes, at, (byte) => byte ^ (1 << int(8)));
    case 1:
      return patched(bytes, at, () => INTERESTING[int(INTERESTING.length)]!);
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined(bytes.subarray(0, to), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(to));
    case 5:
      return joined(bytes.subarray(0, at), ENCODER.encode(PIECES[int(PIECES.length)]!), bytes.subarray(at));
    case 6:
      return inserted(bytes, int);
    case 7:
      return swappedStrings(bytes, int);
    default:
      return patched(bytes, at, (byte) => (byte >= 0x30 && byte <= 0x39 ? 0x30 + int(10) : byte));
  }
}

function patched(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = change(copy[at]!);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A whole field behind a comma or an opening bracket: the damage most likely to stay valid JSON. */
function inserted(bytes: Uint8Array, int: (bound: number) => number): Uint8Array {
  const places = positions(bytes, (byte) => byte === 0x2c || byte === 0x7b || byte === 0x5b);
  if (places.length === 0) return bytes;
  const at = places[int(places.length)]! + 1;
  return joined(bytes.subarray(0, at), ENCODER.encode(PIECES[int(PIECES.length)]!), bytes.subarray(at));
}

/** Two quoted strings change places: keys for values, YES for NO, price for size. */
function swappedStrings(bytes: Uint8Array, int: (bound: number) => number): Uint8Array {
  const quotes = positions(bytes, (byte) => byte === 0x22);
  const count = quotes.length >> 1;
  if (count < 2) return bytes;
  const [first, second] = [int(count), int(count)].sort((a, b) => a - b) as [number, number];
  if (first === second) return bytes;
  const [a, b, c, d] = [
    quotes[first * 2]!,
    quotes[first * 2 + 1]!,
    quotes[second * 2]!,
    quotes[second * 2 + 1]!,
  ];
  return joined(
    bytes.subarray(0, a),
    bytes.subarray(c, d),
    bytes.subarray(b, c),
    bytes.subarray(a, b),
    bytes.subarray(d),
  );
}

function positions(bytes: Uint8Array, wanted: (byte: number) => boolean): number[] {
  const found: number[] = [];
  bytes.forEach((byte, index) => {
    if (wanted(byte)) found.push(index);
  });
  return found;
}
