/**
 * A rolling mix over every level applied, in order. Each step is a bijection of the state for a given level and of the
 * level for a given state, so a single difference of one tick or one lot cannot vanish by itself.
 * It shows divergence; it is no protection against an adversary (the decision chain is SHA-256).
 */
export class StateDigest {
  readonly #state = new Int32Array([0x243f6a88, 0x85a308d3 | 0]);

  /** Mixes one level as it stands after a fact. `lots` is a safe integer. */
  level(book: number, side: number, ticks: number, lots: number): void {
    const state = this.#state;
    const low = lots | 0;
    const high = (lots / 4_294_967_296) | 0;
    const a = Math.imul(state[0]! ^ (ticks * 2 + side), 0x9e3779b1 | 0);
    const b = Math.imul((a ^ (a >>> 15)) + low, 0x85ebca6b | 0);
    state[0] = Math.imul(b ^ book, 0xc2b2ae35 | 0) ^ (b >>> 13);
    const c = Math.imul(state[1]! ^ low, 0x27d4eb2f | 0);
    const d = Math.imul((c ^ (c >>> 16)) + (ticks * 2 + side), 0x165667b1 | 0);
    state[1] = (Math.imul(d ^ high, 0x2545f491 | 0) + book) ^ (d >>> 14);
  }

  /** Mixes a book's clearing. */
  cleared(book: number): void {
    this.level(book, 0, -1, 0);
  }

  /** The two words as they stand. */
  words(): readonly [number, number] {
    return [this.#state[0]!, this.#state[1]!];
  }
}
