import {
  fullJitter,
  type HttpOutcome,
  type Micros,
  type RequestPurpose,
  type SessionEnv,
} from "../../../src/contracts/index.ts";
import type { ClockSkew } from "../../../src/venue-kit/clock-skew.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { type Failure, failureOf } from "./failures.ts";
import { REST_CLASS } from "./rates.ts";

const TIMEOUT_MICROS = 10_000_000;
/** Between tries: full jitter from half a second to half a minute. */
const BASE_MICROS = 500_000;
const CAP_MICROS = 30_000_000;

export type Answer =
  | { readonly ok: true; readonly body: Uint8Array; readonly at: Micros }
  | { readonly ok: false; readonly failure: Failure };

/** Public requests of one session: with its named user agent, governed, measured, every failure read. */
export class Rest {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #skew: ClockSkew;

  constructor(env: SessionEnv, scope: Scope, skew: ClockSkew) {
    this.#env = env;
    this.#scope = scope;
    this.#skew = skew;
  }

  /** One request. `answered` exactly once unless the session ends first. */
  get(path: string, purpose: RequestPurpose, maxBytes: number, answered: (answer: Answer) => void): void {
    this.#scope.begin((over) =>
      this.#env.http.send(
        {
          method: "GET",
          url: `${this.#env.hosts["rest"] ?? ""}${path}`,
          headers: { accept: "application/json", "user-agent": this.#env.userAgent },
          body: null,
          timeoutMicros: TIMEOUT_MICROS,
          maxBytes,
          rateClass: REST_CLASS,
          cost: 1,
          purpose,
          authorise: null,
        },
        (outcome) => {
          over();
          if (!this.#scope.ended) answered(this.#read(outcome));
        },
      ),
    );
  }

  /** Like `get`, asked again while that may help, `tries` times in all. */
  retrying(
    path: string,
    purpose: RequestPurpose,
    maxBytes: number,
    tries: number,
    answered: (answer: Answer) => void,
    attempt = 0,
  ): void {
    this.get(path, purpose, maxBytes, (answer) => {
      if (answer.ok || !answer.failure.retry || attempt + 1 >= tries) {
        answered(answer);
        return;
      }
      const jitter = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
      this.#scope.after(Math.max(jitter, answer.failure.retryAfterMicros ?? 0), () =>
        this.retrying(path, purpose, maxBytes, tries, answered, attempt + 1),
      );
    });
  }

  #read(outcome: HttpOutcome): Answer {
    this.#skew.observe(outcome);
    const failure = failureOf(outcome);
    if (failure !== null) return { ok: false, failure };
    if (outcome.kind === "none") throw new Error("no answer without a failure");
    return { ok: true, body: outcome.body, at: outcome.at };
  }
}
