/** Reads of a literal or a word may start at the end of the frame: so many bytes after it exist. */
const PADDING = 256;

/**
 * The frame being scanned, copied into a buffer of its own: a fixed backing store for word-wise reads, and a zero
 * after the end on which every comparison stops. No literal, token or string holds a zero, so none can match past it.
 */
export class FrameBytes {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Takes over `source[start, end)`. */
  load(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length + PADDING > this.bytes.length) {
      this.bytes = new Uint8Array(2 * (length + PADDING));
      this.view = new DataView(this.bytes.buffer);
    }
    copy.call(source, this.bytes, 0, start, end);
    this.bytes[length] = 0;
    this.length = length;
  }
}

/** Native and free of allocation, unlike `set(subarray)`; it serves any Uint8Array. */
const copy = Buffer.prototype.copy;
