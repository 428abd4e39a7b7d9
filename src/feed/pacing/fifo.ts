/** A place in a `Fifo`. */
export interface Place<T> {
  readonly item: T;
  before: Place<T> | null;
  after: Place<T> | null;
  held: boolean;
}

/** First in, first out; anything in it can be taken out in constant time. */
export class Fifo<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Place<T> | null {
    return this.#first;
  }

  push(item: T): Place<T> {
    const place: Place<T> = { item, before: this.#last, after: null, held: true };
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  /** @returns false when it is not in it any more. */
  remove(place: Place<T>): boolean {
    if (!place.held) return false;
    place.held = false;
    if (place.before === null) this.#first = place.after;
    else place.before.after = place.after;
    if (place.after === null) this.#last = place.before;
    else place.after.before = place.before;
    this.#size--;
    return true;
  }
}
