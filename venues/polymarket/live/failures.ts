import { z } from "zod";
import type { HttpOutcome, Reason, Stress } from "../../../src/contracts/index.ts";

/** Why a request gave nothing. */
export interface Failure {
  readonly reason: Reason;
  /** HTTP status; 0 = no answer. */
  readonly status: number;
  /** The venue's own words; empty when it gave none. */
  readonly text: string;
  /** One line for people; never holds a header. */
  readonly detail: string;
  /** Asking again may help. */
  readonly retry: boolean;
  readonly retryAfterMicros: number | null;
  /** False: it never left, so the venue cannot have acted on it. */
  readonly sent: boolean;
}

const MAX_TEXT = 200;
const DECODER = new TextDecoder();
/** `{"error": text}`; batches and old calls say `errorMsg` or `message`. */
const Refusal = z.object({
  error: z.string().nullish().catch(null),
  errorMsg: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  retry_after_seconds: z.number().nonnegative().nullish().catch(null),
});
const TOO_EARLY = 425;
const TOO_MANY = 429;
const SECOND = 1_000_000;
/** Restarts end within minutes: a longer stated wait is a mistake. */
const MAX_RETRY_AFTER_SECONDS = 86_400;

/** What is wrong with an outcome; null when it is a usable answer. */
export function failureOf(outcome: HttpOutcome): Failure | null {
  if (outcome.kind === "none") return noAnswer(outcome);
  const { status } = outcome;
  const page = isPage(outcome);
  if (status >= 200 && status < 300 && !page) return null;
  const refusal = page ? null : readRefusal(outcome.body);
  const text = (refusal?.error || refusal?.errorMsg || refusal?.message || "").slice(0, MAX_TEXT);
  const said = page ? "a web page instead of an answer" : text;
  return {
    reason: reasonOf(status, page, text),
    status,
    text,
    detail: `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
    retry: status === TOO_MANY || status === TOO_EARLY || status >= 500 || (page && status < 400),
    retryAfterMicros: retryAfterOf(outcome),
    sent: true,
  };
}

/**
 * What an outcome says about the venue's limits: 429 (a block page of Cloudflare's error 1015 too) and a signer's
 * warning are rate; 425 and 503 are a restart; a lone 500 is one failed call.
 */
export function stress(outcome: HttpOutcome): Stress {
  if (outcome.kind === "none") return { kind: outcome.why === "timeout" ? "timeout" : "none" };
  const { status, headers } = outcome;
  const retryAfterMicros = retryAfterOf(outcome);
  if (status === TOO_MANY || isRateBlock(outcome)) return { kind: "rate", retryAfterMicros };
  if (status === TOO_EARLY || status > 500) return { kind: "maintenance", retryAfterMicros };
  if (headers["poly-ratelimit-warning"] === "true") return { kind: "rate", retryAfterMicros };
  return { kind: "none" };
}

const NO_ANSWER = {
  timeout: "feed.timeout",
  unreachable: "feed.unreachable",
  reset: "feed.unreachable",
  too_large: "feed.bad_answer",
  cancelled: "feed.shed",
  queue_full: "feed.queue_full",
} as const satisfies Record<Extract<HttpOutcome, { kind: "none" }>["why"], Reason>;

function noAnswer({ why, detail, sent }: Extract<HttpOutcome, { kind: "none" }>): Failure {
  const words = why.replace("_", " ");
  return {
    reason: NO_ANSWER[why],
    status: 0,
    text: "",
    detail: (detail === "" ? words : `${words}: ${detail}`).slice(0, MAX_TEXT),
    retry: why !== "too_large" && why !== "cancelled",
    retryAfterMicros: null,
    sent,
  };
}

function reasonOf(status: number, page: boolean, text: string): Reason {
  if (status === TOO_MANY) return "feed.rate_limited";
  if (status === 451 || (status === 403 && /region|countr|restricted/i.test(text))) return "feed.geo";
  if (page) return "feed.html";
  if (status === 401 || status === 403) return "feed.auth";
  if (status === 404) return "feed.not_found";
  return status >= 500 || status === TOO_EARLY ? "feed.maintenance" : "feed.bad_answer";
}

type Answered = Extract<HttpOutcome, { kind: "answer" }>;

/** `Retry-After` in seconds, else `retry_after_seconds` of the body; null when neither states a wait. */
function retryAfterOf({ headers, body, status }: Answered): number | null {
  const header = headers["retry-after"]?.trim() ?? "";
  const seconds = /^\d{1,9}(\.\d+)?$/.test(header)
    ? Number(header)
    : status < 400
      ? null
      : readRefusal(body)?.retry_after_seconds;
  return seconds === null || seconds === undefined
    ? null
    : Math.ceil(Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * SECOND);
}

function isRateBlock(outcome: Answered): boolean {
  return (
    outcome.status >= 400 && isPage(outcome) && /\b1015\b|rate limited/.test(DECODER.decode(outcome.body))
  );
}

function readRefusal(body: Uint8Array): z.infer<typeof Refusal> | null {
  try {
    return Refusal.safeParse(JSON.parse(DECODER.decode(body))).data ?? null;
  } catch {
    return null;
  }
}

function isPage({ headers, body }: Answered): boolean {
  if (headers["content-type"]?.includes("text/html") === true) return true;
  let at = 0;
  while (at < body.length && body[at]! <= 0x20) at++;
  return body[at] === 0x3c;
}
