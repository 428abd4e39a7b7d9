import pc from "picocolors";
import { wantsColour } from "../observe/terminal.ts";
import { EmpError } from "../runtime/emp-error.ts";

/** Exit codes of every command. */
export const ExitCode = { Ok: 0, CheckFailed: 1, Usage: 2, Bug: 3, Interrupted: 130 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A line of results on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line about progress or trouble on standard error, so that results can be piped. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function fail(message: string, code: ExitCode): void {
  note(`emp: ${message}`);
  process.exitCode = code;
}

/** Colour only where a person looks. */
export const colour = pc.createColors(wantsColour(process.stdout, process.env));

export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item), 2));
}

/** `1234567` -> `1,234,567`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `10s`, `500ms`, `1.5h` or `1h30m` as milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return null;
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(value) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total;
}

/** A whole number from `least` up that an option states. @param what command and option, for the message. */
export function wholeNumber(text: string, what: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new EmpError("option.number", `${what}: expected a whole number from ${least} up, found "${text}"`);
}

/** How fast time passes: 0 is as fast as possible. @param what command and option, for the message. */
export function speedFactor(text: string, what: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new EmpError("option.speed", `${what}: expected a number from 0 up, found "${text}"`);
}

/** A progress line that redraws itself on a terminal and stays silent elsewhere. */
export class ProgressLine {
  readonly #live = process.stderr.isTTY === true;
  #lastAt = 0;

  update(text: () => string): void {
    if (!this.#live) return;
    const now = Date.now();
    if (now - this.#lastAt < 100) return;
    this.#lastAt = now;
    process.stderr.write(`\r\x1b[2K${text()}`);
  }

  clear(): void {
    if (this.#live) process.stderr.write("\r\x1b[2K");
  }
}

/** Runs something at most once in a stretch of time; for loops that a timer would never interrupt. */
export class Every {
  readonly #periodMs: number;
  #lastAt = performance.now();

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  due(run: () => void): void {
    const now = performance.now();
    if (now - this.#lastAt < this.#periodMs) return;
    this.#lastAt = now;
    run();
  }
}

/** `[#######-----] 58 %` */
export function bar(share: number, width = 24): string {
  const filled = Math.max(0, Math.min(width, Math.round(share * width)));
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${Math.floor(share * 100)
    .toString()
    .padStart(3)} %`;
}

/** Resolves `stopped()` to true after the first stop signal; a second one a second later ends the process at once. */
export function stopSignal(): {
  readonly stopped: () => boolean;
  readonly onStop: (run: () => void) => void;
  dispose(): void;
} {
  let at = 0;
  const listeners: (() => void)[] = [];
  const handler = (): void => {
    const now = Date.now();
    if (at === 0) {
      at = now;
      for (const listener of listeners) listener();
    } else if (now - at > 1000) {
      process.exit(ExitCode.Interrupted);
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handler);
  return {
    stopped: () => at !== 0,
    onStop: (run) => listeners.push(run),
    dispose: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}
