import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/**
 * A bench's child process that is given orders and answers them, each a plain object with a `kind`. A child that ends by
 * itself ends the bench.
 */
export class BenchChild<Order extends object, Answer extends { readonly kind: string }> {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #wake: (() => void) | null = null;
  #ending = false;

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
      if (this.#ending) return;
      console.error(`${file} ended with ${code ?? signal}`);
      process.exit(1);
    });
  }

  tell(order: Order): void {
    this.#child.send(order);
  }

  /** The next answer of this kind; earlier ones of other kinds are dropped. */
  async hear<K extends Answer["kind"]>(kind: K): Promise<Extract<Answer, { kind: K }>> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer?.kind === kind) return answer as Extract<Answer, { kind: K }>;
      if (answer !== undefined) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  /** Kills it; resolves once it is gone. */
  async end(): Promise<void> {
    this.#ending = true;
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
