import type { ServedAnswer } from "../../../src/contracts/index.ts";
import { parameterError } from "./answers.ts";
import { statusFilter, type WireStatus } from "./market-state.ts";

/** Thrown by the readers below and answered by the router: keeps the routes free of checks. */
export class BadParameter extends Error {
  readonly answer: ServedAnswer;

  constructor(answer: ServedAnswer) {
    super("bad parameter");
    this.answer = answer;
  }
}

/** The query of one call. Unknown parameters are ignored, as the venue does. */
export class Query {
  readonly #call: string;
  readonly #params: URLSearchParams;

  /** @param call the venue's name of the call, for its error bodies. @param path with its query. */
  constructor(call: string, path: string) {
    this.#call = call;
    const at = path.indexOf("?");
    this.#params = new URLSearchParams(at === -1 ? "" : path.slice(at + 1));
  }

  text(name: string): string | null {
    const value = this.#params.get(name);
    return value === null || value === "" ? null : value;
  }

  flag(name: string): boolean {
    return this.text(name) === "true";
  }

  /** A whole number; beyond `most` it is refused, not cut. */
  count(name: string, field: string, least: number, most: number, otherwise: number): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (!/^-?\d{1,9}$/.test(text) || value < least) throw this.#bad(field, "gte");
    if (value > most) throw this.#bad(field, "lte");
    return value;
  }

  /** An instant in seconds as microseconds. */
  instant(name: string, field: string): number | null {
    const text = this.text(name);
    if (text === null) return null;
    if (!/^\d{1,11}$/.test(text)) throw this.#bad(field, "number");
    return Number(text) * 1_000_000;
  }

  /** Tickers given once with commas, or repeatedly. */
  list(name: string): ReadonlySet<string> | null {
    const values = this.#params.getAll(name).flatMap((value) => value.split(",").filter(Boolean));
    return values.length === 0 ? null : new Set(values);
  }

  statuses(): ReadonlySet<WireStatus> | null {
    const names = this.list("status");
    if (names === null) return null;
    const statuses = new Set<WireStatus>();
    for (const name of names) {
      const matching = statusFilter(name);
      if (matching === null) throw this.#bad("Status", "oneof");
      for (const status of matching) statuses.add(status);
    }
    return statuses;
  }

  #bad(field: string, rule: string): BadParameter {
    return new BadParameter(parameterError(this.#call, field, rule));
  }
}
