import type { Rng } from "../contracts/index.ts";

const GOLDEN = 0x9e3779b9;
const TWO_32 = 4_294_967_296;
const TWO_53 = 9_007_199_254_740_992;

/**
 * xoshiro128** 1.1 (Blackman, Vigna 2018), state filled by splitmix32 over the seed text.
 * 32-bit integer arithmetic only, so every platform gives the same sequence.
 */
export class SeededRng implements Rng {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any text; a number is the same seed as its decimal text. */
  constructor(seed: string | number) {
    this.#seed = String(seed);
    const words = stateOf(this.#seed);
    this.#a = words[0];
    this.#b = words[1];
    this.#c = words[2];
    this.#d = words[3];
  }

  /** A generator at a given state, for checking against the published algorithm. Not all words may be 0. */
  static fromState(a: number, b: number, c: number, d: number): SeededRng {
    const rng = new SeededRng(`${a},${b},${c},${d}`);
    rng.#a = a | 0;
    rng.#b = b | 0;
    rng.#c = c | 0;
    rng.#d = d | 0;
    return rng;
  }

  /** The next 32 random bits as an unsigned integer. */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67_108_864 + low) / TWO_53;
  }

  /**
   * Uniform integer in [0, bound), without bias (draws that would bias it are rejected).
   * @throws RangeError when `bound` is no integer in [1, 2^53].
   */
  int(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= TWO_53))
      throw new RangeError(`bound must be an integer in [1, 2^53], found ${bound}`);
    if (bound > TWO_32) return this.#wideInt(bound);
    const limit = TWO_32 - (TWO_32 % bound);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % bound;
  }

  /** A stream that depends on this generator's seed and on `label` only, not on how much was drawn. */
  fork(label: string): SeededRng {
    return new SeededRng(`${this.#seed}/${label.length}:${label}`);
  }

  #wideInt(bound: number): number {
    const limit = TWO_53 - (TWO_53 % bound);
    let draw = this.#bits53();
    while (draw >= limit) draw = this.#bits53();
    return draw % bound;
  }

  #bits53(): number {
    return (this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6);
  }
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function stateOf(seed: string): readonly [number, number, number, number] {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (let lane = 0; lane < 4; lane++) words[lane] = hashWord(seed, Math.imul(lane + 1, GOLDEN));
  // The all-zero state is the one fixed point of the generator.
  if ((words[0] | words[1] | words[2] | words[3]) === 0) words[0] = GOLDEN | 0;
  return words;
}

/** FNV-1a over the UTF-16 code units from a lane-specific basis, finished by splitmix32. */
function hashWord(text: string, basis: number): number {
  let hash = basis ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return splitmix32((hash + basis) | 0);
}

function splitmix32(word: number): number {
  let z = (word + GOLDEN) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) | 0;
}
