import {
  type Cancel,
  fullJitter,
  type GovernedRequest,
  type HttpOutcome,
  type Micros,
  type RequestPurpose,
  type SessionEnv,
} from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import type { ClockSkew } from "./clock-skew.ts";
import { type Failure, failureOf } from "./failures.ts";
import type { KalshiOptions } from "./options.ts";
import { DEFAULT_COST, PUBLIC_CLASS, readClass, writeClass } from "./rates.ts";
import type { Signer } from "./signing.ts";

const DEFAULT_TIMEOUT_MICROS = 10_000_000;
const DEFAULT_MAX_BYTES = 4 * 1_048_576;
/** Back-off after a refusal without a stated wait. Source: rate limit page, suggested start and cap. */
const BACKOFF_BASE_MICROS = 250_000;
const BACKOFF_CAP_MICROS = 8_000_000;

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly purpose: RequestPurpose;
  readonly body?: string;
  /** Tokens, where it is not the default cost. */
  readonly cost?: number;
  readonly timeoutMicros?: number;
  readonly maxBytes?: number;
  /** Called at the instant it really leaves. */
  readonly leaving?: () => void;
}

export type Answer =
  | { readonly ok: true; readonly body: Uint8Array; readonly at: Micros }
  | { readonly ok: false; readonly failure: Failure; readonly at: Micros };

export type Answered = (answer: Answer) => void;

/** Requests to the venue: signed when there is a key, governed, measured, every failure read. */
export class Rest {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #base: string;
  readonly #signer: Signer | null;
  readonly #tier: KalshiOptions["tier"];
  readonly #skew: ClockSkew;

  constructor(
    env: SessionEnv,
    scope: Scope,
    base: string,
    signer: Signer | null,
    tier: KalshiOptions["tier"],
    skew: ClockSkew,
  ) {
    this.#env = env;
    this.#scope = scope;
    this.#base = base;
    this.#signer = signer;
    this.#tier = tier;
    this.#skew = skew;
  }

  /** Signs ahead for a call that is about to be made. */
  prepare(method: Call["method"], path: string): void {
    this.#signer?.prepare(method, `${this.#base}${path}`, this.#skew.signingMicros(this.#env.clock.now()));
  }

  /** One request. `answered` exactly once unless the session ends first. */
  call(call: Call, answered: Answered): Cancel {
    return this.#scope.begin((ended) =>
      this.#env.http.send(this.#request(call), (outcome) => {
        ended();
        if (!this.#scope.ended) answered(this.#read(outcome));
      }),
    );
  }

  /** Like `call`, asked again with full jitter while that may help, `tries` times in all. */
  retrying(call: Call, tries: number, answered: Answered, attempt = 0): void {
    this.call(call, (answer) => {
      if (answer.ok || !answer.failure.retry || attempt + 1 >= tries) {
        answered(answer);
        return;
      }
      const jitter = fullJitter(attempt, BACKOFF_BASE_MICROS, BACKOFF_CAP_MICROS, this.#env.rng.next());
      this.#scope.after(Math.max(jitter, answer.failure.retryAfterMicros ?? 0), () => {
        this.retrying(call, tries, answered, attempt + 1);
      });
    });
  }

  #read(outcome: HttpOutcome): Answer {
    this.#skew.observe(outcome);
    const failure = failureOf(outcome);
    if (failure === null && outcome.kind === "answer")
      return { ok: true, body: outcome.body, at: outcome.at };
    if (failure!.status !== 401) return { ok: false, failure: failure!, at: outcome.at };
    const detail = `${failure!.detail}${this.#skew.hint}`;
    // Several requests may have been under way when the first of them was refused.
    const isLate = this.#skew.correctedSince(outcome.sentAt);
    const retry = isLate || this.#skew.correct();
    if (retry && !isLate)
      this.#env.report.refused(
        "feed.clock_skew",
        `signatures are dated by the venue's clock${this.#skew.hint}`,
      );
    return { ok: false, failure: { ...failure!, detail, retry }, at: outcome.at };
  }

  #request(call: Call): GovernedRequest {
    const signer = this.#signer;
    const url = `${this.#base}${call.path}`;
    const headers: Record<string, string> = { accept: "application/json", "user-agent": this.#env.userAgent };
    if (call.body !== undefined) headers["content-type"] = "application/json";
    const signed = call.method === "GET" ? readClass(this.#tier) : writeClass(this.#tier);
    return {
      method: call.method,
      url,
      headers,
      body: call.body ?? null,
      timeoutMicros: call.timeoutMicros ?? DEFAULT_TIMEOUT_MICROS,
      maxBytes: call.maxBytes ?? DEFAULT_MAX_BYTES,
      rateClass: signer === null ? PUBLIC_CLASS : signed,
      cost: signer === null ? 1 : (call.cost ?? DEFAULT_COST),
      purpose: call.purpose,
      authorise:
        signer === null
          ? null
          : () => {
              call.leaving?.();
              return signer.headers(call.method, url, this.#skew.signingMicros(this.#env.clock.now()));
            },
    };
  }
}
