import {
  type Cancel,
  fullJitter,
  type HttpOutcome,
  type Micros,
  type RequestPurpose,
  type SessionEnv,
} from "../../../src/contracts/index.ts";
import type { ClockSkew } from "../../../src/venue-kit/clock-skew.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { type Failure, failureOf } from "./failures.ts";
import type { RateClassId } from "./rates.ts";

const TIMEOUT_MICROS = 10_000_000;
const MAX_BYTES = 8 * 1_048_576;
/** Between tries: full jitter from half a second to half a minute. */
const BASE_MICROS = 500_000;
const CAP_MICROS = 30_000_000;

type Headers = Readonly<Record<string, string>>;

export interface Call {
  /** Name of a host. */
  readonly host: "gamma" | "clob" | "geo";
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly rateClass: RateClassId;
  readonly purpose: RequestPurpose;
  readonly body?: string;
  /** Units of the class; 1 unless said. */
  readonly cost?: number;
  readonly timeoutMicros?: number;
  readonly maxBytes?: number;
  /** Headers made when it really leaves. */
  readonly sign?: () => Headers;
}

export type Answer =
  | { readonly ok: true; readonly body: Uint8Array; readonly at: Micros }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** What came with the refusal; empty without an answer. */
      readonly body: Uint8Array;
      readonly at: Micros;
    };

const NOTHING = new Uint8Array(0);

/** Requests of one session: with its named user agent, governed, measured, every failure read. */
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
  call(call: Call, answered: (answer: Answer) => void): Cancel {
    return this.#scope.begin((over) =>
      this.#env.http.send(
        {
          method: call.method,
          url: `${this.#env.hosts[call.host] ?? ""}${call.path}`,
          headers: this.#headers(call),
          body: call.body ?? null,
          timeoutMicros: call.timeoutMicros ?? TIMEOUT_MICROS,
          maxBytes: call.maxBytes ?? MAX_BYTES,
          rateClass: call.rateClass,
          cost: call.cost ?? 1,
          purpose: call.purpose,
          authorise: call.sign ?? null,
        },
        (outcome) => {
          over();
          if (!this.#scope.ended) answered(this.#read(outcome));
        },
      ),
    );
  }

  /** Like `call`, asked again while that may help, `tries` times in all. A stated wait is kept by the governor. */
  retrying(call: Call, tries: number, answered: (answer: Answer) => void, attempt = 0): void {
    this.call(call, (answer) => {
      if (answer.ok || !answer.failure.retry || attempt + 1 >= tries) {
        answered(answer);
        return;
      }
      const jitter = fullJitter(attempt, BASE_MICROS, CAP_MICROS, this.#env.rng.next());
      this.#scope.after(Math.max(jitter, answer.failure.retryAfterMicros ?? 0), () => {
        this.retrying(call, tries, answered, attempt + 1);
      });
    });
  }

  #headers(call: Call): Headers {
    const common = { accept: "application/json", "user-agent": this.#env.userAgent };
    return call.body === undefined ? common : { ...common, "content-type": "application/json" };
  }

  #read(outcome: HttpOutcome): Answer {
    this.#skew.observe(outcome);
    const failure = failureOf(outcome);
    if (outcome.kind === "none") return { ok: false, failure: failure!, body: NOTHING, at: outcome.at };
    const { body, at } = outcome;
    return failure === null ? { ok: true, body, at } : { ok: false, failure, body, at };
  }
}

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** JSON of a body; undefined when it is none. */
export function readBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(body));
  } catch {
    return undefined;
  }
}
