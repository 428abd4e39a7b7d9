/**
 * A max-heap of ids whose keys may be too high: the reader takes the top, asks what it is worth now, and either uses it
 * or puts the lower key back. The top is right as soon as its key is.
 */
export class LazyHeap {
  #ids = new Int32Array(64);
  #keys = new Float64Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Adds without order; `build` must follow before the top is read. */
  append(id: number, key: number): void {
    if (this.#size === this.#ids.length) this.#grow();
    this.#ids[this.#size] = id;
    this.#keys[this.#size++] = key;
  }

  build(): void {
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  topId(): number {
    return this.#ids[0]!;
  }

  topKey(): number {
    return this.#keys[0]!;
  }

  /** Lowers the top's key. */
  lowerTop(key: number): void {
    this.#keys[0] = key;
    this.#sink(0);
  }

  pop(): void {
    const last = --this.#size;
    this.#ids[0] = this.#ids[last]!;
    this.#keys[0] = this.#keys[last]!;
    this.#sink(0);
  }

  #sink(from: number): void {
    const id = this.#ids[from]!;
    const key = this.#keys[from]!;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#keys[child + 1]! > this.#keys[child]!) child++;
      if (this.#keys[child]! <= key) break;
      this.#ids[at] = this.#ids[child]!;
      this.#keys[at] = this.#keys[child]!;
      at = child;
    }
    this.#ids[at] = id;
    this.#keys[at] = key;
  }

  #grow(): void {
    const ids = new Int32Array(this.#ids.length * 2);
    const keys = new Float64Array(ids.length);
    ids.set(this.#ids);
    keys.set(this.#keys);
    this.#ids = ids;
    this.#keys = keys;
  }
}
