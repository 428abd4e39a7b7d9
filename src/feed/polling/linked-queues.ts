const NONE = -1;

/**
 * Many first-in first-out queues over dense items; an item is in one queue at most. Every operation but the sorted
 * insert is O(1); nothing is allocated but by `grow`.
 */
export class LinkedQueues {
  /** The queues that hold something are `occupied[0 .. occupiedCount)`, in no order. */
  readonly occupied: Int32Array;
  occupiedCount = 0;
  readonly #place: Int32Array;
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly #count: Int32Array;
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #queue = new Int32Array(0);

  constructor(queues: number) {
    this.occupied = new Int32Array(queues);
    this.#place = new Int32Array(queues);
    this.#head = new Int32Array(queues).fill(NONE);
    this.#tail = new Int32Array(queues).fill(NONE);
    this.#count = new Int32Array(queues);
  }

  /** Makes room for items below `capacity`. */
  grow(capacity: number): void {
    if (this.#queue.length >= capacity) return;
    this.#next = grown(this.#next, capacity);
    this.#previous = grown(this.#previous, capacity);
    this.#queue = grown(this.#queue, capacity);
  }

  /** First of a queue; -1 when it is empty. */
  head(queue: number): number {
    return this.#head[queue]!;
  }

  /** The item behind this one; -1 at the end. */
  next(item: number): number {
    return this.#next[item]!;
  }

  count(queue: number): number {
    return this.#count[queue]!;
  }

  /** The queue an item is in; -1 when in none. */
  queueOf(item: number): number {
    return this.#queue[item]!;
  }

  pushFront(queue: number, item: number): void {
    this.#insertAfter(queue, item, NONE);
  }

  pushBack(queue: number, item: number): void {
    this.#insertAfter(queue, item, this.#tail[queue]!);
  }

  /** Inserts behind the last item whose key is not larger, searched from the end: O(1) for the largest key. */
  insertSorted(queue: number, item: number, keys: Float64Array): void {
    const key = keys[item]!;
    let before = this.#tail[queue]!;
    while (before !== NONE && keys[before]! > key) before = this.#previous[before]!;
    this.#insertAfter(queue, item, before);
  }

  remove(item: number): void {
    const queue = this.#queue[item]!;
    if (queue === NONE) return;
    const next = this.#next[item]!;
    const previous = this.#previous[item]!;
    if (previous === NONE) this.#head[queue] = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail[queue] = previous;
    else this.#previous[next] = previous;
    this.#queue[item] = NONE;
    if (--this.#count[queue]! === 0) this.#vacate(queue);
  }

  #insertAfter(queue: number, item: number, before: number): void {
    if (this.#count[queue]!++ === 0) this.#occupy(queue);
    const after = before === NONE ? this.#head[queue]! : this.#next[before]!;
    this.#queue[item] = queue;
    this.#previous[item] = before;
    this.#next[item] = after;
    if (before === NONE) this.#head[queue] = item;
    else this.#next[before] = item;
    if (after === NONE) this.#tail[queue] = item;
    else this.#previous[after] = item;
  }

  #occupy(queue: number): void {
    this.#place[queue] = this.occupiedCount;
    this.occupied[this.occupiedCount++] = queue;
  }

  #vacate(queue: number): void {
    const place = this.#place[queue]!;
    const last = this.occupied[--this.occupiedCount]!;
    this.occupied[place] = last;
    this.#place[last] = place;
  }
}

function grown(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(NONE);
  larger.set(column);
  return larger;
}
