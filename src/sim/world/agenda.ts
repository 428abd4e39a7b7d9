/** What happens when, earliest first; equal instants in order of entry. A binary heap. */
export class Agenda {
  readonly #entries: Entry[] = [];
  #order = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Runs `task` when time reaches `at`. */
  add(at: number, task: () => void): void {
    const entries = this.#entries;
    const entry: Entry = { at, order: this.#order++, task };
    let child = entries.push(entry) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!before(entry, entries[parent]!)) break;
      entries[child] = entries[parent]!;
      child = parent;
    }
    entries[child] = entry;
  }

  /** Takes the earliest entry out; undefined when empty. */
  pop(): { readonly at: number; readonly task: () => void } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || entries.length === 0) return first;
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      if (left >= entries.length) break;
      const right = left + 1;
      const child = right < entries.length && before(entries[right]!, entries[left]!) ? right : left;
      if (!before(entries[child]!, last)) break;
      entries[parent] = entries[child]!;
      parent = child;
    }
    entries[parent] = last;
    return first;
  }
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
