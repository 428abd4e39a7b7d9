/** Bounded list of things due at instants; equal instants keep the order in which they were added. */
export class Timeline<T> {
  readonly #items: { readonly at: number; readonly item: T }[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(at: number, item: T): void {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#items[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    this.#items.splice(low, 0, { at, item });
  }

  /** Instant of the first; null when empty. */
  nextAt(): number | null {
    return this.#items[0]?.at ?? null;
  }

  /** Takes the first if it is due at `to`. */
  take(to: number): { readonly at: number; readonly item: T } | null {
    const first = this.#items[0];
    if (first === undefined || first.at > to) return null;
    this.#items.shift();
    return first;
  }
}
