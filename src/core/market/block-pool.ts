/**
 * Equal blocks of Float64 in pages, so that growing never moves what is stored.
 * Each page also has an Int32 view of the same bytes, for bitmaps kept inside a block.
 * A block is zero when taken; whoever hands one back must have zeroed it.
 */
export class BlockPool {
  readonly blockDoubles: number;
  readonly shift: number;
  readonly pages: Float64Array[] = [];
  readonly words: Int32Array[] = [];
  readonly #free: number[] = [];
  #next = 0;

  /** @param blocksPerPageLog2 a page holds `2 ** blocksPerPageLog2` blocks. */
  constructor(blockDoubles: number, blocksPerPageLog2: number) {
    this.blockDoubles = blockDoubles;
    this.shift = blocksPerPageLog2;
  }

  get bytesPerBlock(): number {
    return this.blockDoubles * 8;
  }

  /** Blocks in use. */
  get used(): number {
    return this.#next - this.#free.length;
  }

  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const id = this.#next++;
    if (id >> this.shift === this.pages.length) {
      const page = new Float64Array(this.blockDoubles << this.shift);
      this.pages.push(page);
      this.words.push(new Int32Array(page.buffer));
    }
    return id;
  }

  release(id: number): void {
    this.#free.push(id);
  }

  page(id: number): Float64Array {
    return this.pages[id >> this.shift]!;
  }

  /** Index of the block's first double within its page. */
  offset(id: number): number {
    return (id & ((1 << this.shift) - 1)) * this.blockDoubles;
  }
}
