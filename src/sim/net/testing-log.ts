import type { HttpOutcome, SocketHandlers } from "../../contracts/index.ts";

/** For tests: what a socket's client saw, as one line each, with somebody to tell about every new line. */
export class SocketLog implements SocketHandlers {
  readonly lines: string[] = [];
  readonly #decoder = new TextDecoder();
  #waiting: { readonly until: (lines: readonly string[]) => boolean; readonly then: () => void }[] = [];

  opened(): void {
    this.#add("opened");
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#add(this.#decoder.decode(bytes.subarray(start, end)));
  }

  pinged(): void {
    this.#add("pinged");
  }

  closed(end: { readonly kind: string; readonly code: number }): void {
    this.#add(`${end.kind} ${end.code}`);
  }

  /** Calls `then` once `until` holds of the lines. */
  when(until: (lines: readonly string[]) => boolean, then: () => void): void {
    this.#waiting.push({ until, then });
    this.#tell();
  }

  #add(line: string): void {
    this.lines.push(line);
    this.#tell();
  }

  #tell(): void {
    const met = this.#waiting.filter((each) => each.until(this.lines));
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const each of met) each.then();
  }
}

/** For tests: an outcome in one line. */
export function outcomeLine(outcome: HttpOutcome): string {
  if (outcome.kind === "answer") return `${outcome.status} ${new TextDecoder().decode(outcome.body)}`;
  return `${outcome.why} ${outcome.sent ? "sent" : "unsent"}`;
}
