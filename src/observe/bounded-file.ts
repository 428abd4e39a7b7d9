import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A text file that never grows past `maxBytes`: when full it becomes `<path>.1`, replacing the one before.
 * Every line is written before `write` returns.
 */
export class BoundedFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #fd: number;
  #bytes: number;

  /** @throws the system's error when the file cannot be opened. */
  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, "a");
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(line: string): void {
    if (this.#fd === -1) return;
    const bytes = Buffer.byteLength(line);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
    writeSync(this.#fd, line);
    this.#bytes += bytes;
  }

  close(): void {
    if (this.#fd !== -1) closeSync(this.#fd);
    this.#fd = -1;
  }

  #rotate(): void {
    closeSync(this.#fd);
    renameSync(this.#path, `${this.#path}.1`);
    this.#fd = openSync(this.#path, "w");
    this.#bytes = 0;
  }
}
