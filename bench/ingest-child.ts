import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** A bench's child process that is given orders and answers them, each a plain object with a `kind`. */
export class BenchChild<Order extends object, Answer extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #wake: (() => void) | null = null;
  #ended: string | null = null;

  /** @param file beside this one. */
  constructor(file: string, args: readonly string[], execArgv: readonly string[] = []) {
    this.#child = fork(join(import.meta.dirname, file), args, {
      serialization: "advanced",
      execArgv: ["--disable-warning=ExperimentalWarning", ...execArgv],
    });
    this.#child.on("message", (answer) => {
      this.#answers.push(answer as Answer);
      this.#wake?.();
    });
    this.#child.on("exit", (code, signal) => {
      this.#ended = `${file} ended with ${code ?? signal}`;
      this.#wake?.();
    });
  }

  tell(order: Order): void {
    this.#child.send(order);
  }

  /** The next answer of this kind; earlier ones of other kinds are dropped. @throws when the child ends first. */
  async hear<K extends Answer["kind"]>(kind: K): Promise<Extract<Answer, { kind: K }>> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer?.kind === kind) return answer as Extract<Answer, { kind: K }>;
      if (answer !== undefined) continue;
      if (this.#ended !== null) throw new Error(this.#ended);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  /** Kills it; resolves once it is gone. */
  async end(): Promise<void> {
    if (this.#ended !== null) return;
    await new Promise<void>((resolve) => {
      this.#child.on("exit", () => resolve());
      this.#child.kill("SIGKILL");
    });
  }
}

/** The value below which `share` of the values lie; sorts them. */
export function quantile(values: Float64Array, share: number): number {
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values), 0.5);
}
