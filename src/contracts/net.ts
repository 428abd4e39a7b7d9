import type { Clock } from "./ports.ts";
import type { Micros } from "./units.ts";

/**
 * The network as venue sessions see it. Sockets, threads and wall clocks live behind these ports, so that one and the
 * same session runs on the internet, against an embedded venue over loopback, and inside simulated time.
 */

/** Undoes what was begun; calling it again, or too late, does nothing. */
export type Cancel = () => void;

/** Time with alarms. */
export interface Timers extends Clock {
  /** Runs `run` once, `delayMicros` from now, never before this call returned. */
  after(delayMicros: number, run: () => void): Cancel;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMicros: number;
  /** A longer answer is cut off and ends as `too_large`. */
  readonly maxBytes: number;
}

/** What became of a request. `none`: no answer; whether the venue acted on it is unknown unless it was never sent. */
export type HttpOutcome =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Names in lower case; of repeated ones the last. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      readonly sentAt: Micros;
      readonly at: Micros;
    }
  | {
      readonly kind: "none";
      readonly why: "timeout" | "unreachable" | "reset" | "too_large" | "cancelled" | "queue_full";
      readonly detail: string;
      /** False: it never left, so the venue cannot have acted on it. */
      readonly sent: boolean;
      readonly sentAt: Micros;
      readonly at: Micros;
    };

/** How a socket ended. */
export interface SocketEnd {
  /** `refused`: the upgrade got an HTTP answer; `overflow`: it was closed because its input was not read in time. */
  readonly kind: "closed" | "refused" | "unreachable" | "overflow";
  /** Close code, or HTTP status of a refused upgrade; 0 = none. */
  readonly code: number;
  readonly detail: string;
}

/** Callbacks of one socket, on the session's thread, never before `connect` returned. */
export interface SocketHandlers {
  opened(at: Micros): void;
  /** `bytes[start, end)` is one message, text or binary; valid during the call only. */
  message(bytes: Uint8Array, start: number, end: number, at: Micros): void;
  /** A ping of the venue; the shell answers it. */
  pinged(at: Micros): void;
  /** Exactly once, also when it never opened. Nothing follows. */
  closed(end: SocketEnd, at: Micros): void;
}

export interface NetSocket {
  /** Sends one text message; ignored when it is not open. */
  send(text: string): void;
  ping(): void;
  close(): void;
}

/** The raw network: what goes in goes out at once. */
export interface Net {
  /** `done` is called exactly once, never before this call returned. */
  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel;
  connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket;
}

/** What a request is for, dearest first: cancels never wait for polls. */
export type RequestPurpose = "cancel" | "order" | "account" | "resync" | "poll" | "discovery";

/** A request as a session asks for it: the governor decides when it leaves. */
export interface GovernedRequest extends HttpRequest {
  /** Id of a `RateClass` of the venue. */
  readonly rateClass: string;
  /** Units of the class it uses, e.g. Kalshi's tokens. */
  readonly cost: number;
  readonly purpose: RequestPurpose;
  /** Headers made at the instant it really leaves (signatures with a time stamp); null = none. */
  readonly authorise: (() => Readonly<Record<string, string>>) | null;
}

export interface GovernedHttp {
  /** Queued by purpose, sent when the venue's budget allows, answered exactly once. */
  send(request: GovernedRequest, done: (outcome: HttpOutcome) => void): Cancel;
}

/** A published limit of a venue for one class of endpoints. */
export interface RateClass {
  readonly id: string;
  /** Published sustained units per second, and how many may come at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** Share of the published limit that is ever used (shared-address limits 0.5, own buckets 0.8 to 0.95). */
  readonly safety: number;
  /** Units per second kept for cancels, whatever the governor learned. */
  readonly reserved: number;
  /** How the venue shows that it is too much: by refusing, or by delaying. */
  readonly excess: "refuses" | "delays";
  /** Requests in flight at most. */
  readonly maxInFlight: number;
  readonly source: string;
}

/** What an outcome says about the venue's limits. `pause`: nothing of the class may leave before `untilMicros` from now. */
export type Stress =
  | { readonly kind: "none" }
  /** Too much. `retryAfterMicros` as the venue stated it, else null. */
  | { readonly kind: "rate"; readonly retryAfterMicros: number | null }
  /** Not our rate: the venue restarts, is closed or blocks. */
  | { readonly kind: "maintenance"; readonly retryAfterMicros: number | null }
  | { readonly kind: "timeout" };

const MAX_EXPONENT = 30;

/**
 * Full-jitter back-off: uniform in [0, min(cap, base x 2^attempt)] (Brooker, "Exponential Backoff And Jitter", AWS 2015).
 * @param attempt 0 for the first retry. @param chance uniform in [0, 1).
 */
export function fullJitter(attempt: number, baseMicros: number, capMicros: number, chance: number): number {
  const ceiling = Math.min(capMicros, baseMicros * 2 ** Math.min(attempt, MAX_EXPONENT));
  return Math.floor(ceiling * chance);
}
