import type { Family } from "../../contracts/index.ts";
import { grownInt32 } from "./book-table.ts";

const NONE: readonly number[] = [];

/** Families, which books they hold, and which of them changed since the last look. */
export class FamilyIndex {
  /** Distinct indices of families whose usable quotes moved, `changed[0, changedCount)`. */
  changed = new Int32Array(64);
  changedCount = 0;
  readonly #limit: number;
  readonly #families: Family[] = [];
  readonly #indices = new Map<string, number>();
  readonly #byBook: (number[] | undefined)[] = [];
  /** Mark of the generation in which a family was last put on the changed list. */
  #marks = new Int32Array(64);
  #generation = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#families.length;
  }

  at(index: number): Family {
    const family = this.#families[index];
    if (family === undefined) throw new RangeError(`no family ${index}: ${this.#families.length} are listed`);
    return family;
  }

  /** Families of a book. */
  of(book: number): readonly number[] {
    return this.#byBook[book] ?? NONE;
  }

  /** Adds a family or replaces the one of the same id under its index; -1 beyond the bound. */
  list(family: Family): number {
    const known = this.#indices.get(family.id);
    if (known === undefined && this.#families.length >= this.#limit) return -1;
    const index = known ?? this.#families.length;
    if (known !== undefined) this.#unlink(known);
    this.#indices.set(family.id, index);
    this.#families[index] = family;
    for (const book of family.members) this.#link(book, index);
    if (index >= this.#marks.length) {
      this.#marks = grownInt32(this.#marks, this.#marks.length * 2, 0);
      this.changed = grownInt32(this.changed, this.#marks.length, 0);
    }
    this.#mark(index);
    return index;
  }

  /** The usable quotes of a book moved. Costs the number of its families. */
  touch(book: number): void {
    const families = this.#byBook[book];
    if (families === undefined) return;
    for (let i = 0; i < families.length; i++) this.#mark(families[i]!);
  }

  clearChanged(): void {
    this.changedCount = 0;
    this.#generation++;
    if (this.#generation === 0x7fffffff) {
      this.#generation = 1;
      this.#marks.fill(0);
    }
  }

  #mark(index: number): void {
    if (this.#marks[index] === this.#generation) return;
    this.#marks[index] = this.#generation;
    this.changed[this.changedCount++] = index;
  }

  #link(book: number, index: number): void {
    if (book < 0 || book >= this.#limit) return;
    while (this.#byBook.length <= book) this.#byBook.push(undefined);
    const families = this.#byBook[book];
    if (families === undefined) this.#byBook[book] = [index];
    else if (!families.includes(index)) families.push(index);
  }

  #unlink(index: number): void {
    for (const book of this.#families[index]!.members) {
      const families = this.#byBook[book];
      const at = families?.indexOf(index) ?? -1;
      if (at >= 0) families?.splice(at, 1);
    }
  }
}
