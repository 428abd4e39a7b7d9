import { z } from "zod";
import type { HttpOutcome, Reason, Stress } from "../../../src/contracts/index.ts";
import { readBody } from "../json.ts";

/** Why a request gave nothing. */
export interface Failure {
  readonly reason: Reason;
  /** HTTP status; 0 = no answer. */
  readonly status: number;
  /** One line for people; never holds a header. */
  readonly detail: string;
  /** Asking again may help. */
  readonly retry: boolean;
  readonly retryAfterMicros: number | null;
}

const MAX_TEXT = 200;
const SECOND = 1_000_000;
const MAX_RETRY_AFTER_SECONDS = 86_400;
const TOO_MANY = 429;
/** What the SDK asks again after (api/retry.ts). */
const RETRIED: ReadonlySet<number> = new Set([TOO_MANY, 500, 502, 503, 504]);
const refusalSchema = z.object({ message: z.union([z.string(), z.array(z.string())]) });

type Answered = Extract<HttpOutcome, { kind: "answer" }>;
type Unanswered = Extract<HttpOutcome, { kind: "none" }>;

const NO_ANSWER = {
  timeout: "feed.timeout",
  unreachable: "feed.unreachable",
  reset: "feed.unreachable",
  too_large: "feed.bad_answer",
  cancelled: "feed.shed",
  queue_full: "feed.queue_full",
} as const satisfies Record<Unanswered["why"], Reason>;

/** What is wrong with an outcome; null when it is a usable answer. */
export function failureOf(outcome: HttpOutcome): Failure | null {
  if (outcome.kind === "none") return noAnswer(outcome);
  const { status } = outcome;
  const page = isPage(outcome);
  if (status >= 200 && status < 300 && !page) return null;
  const said = page ? "a web page instead of an answer" : messageOf(outcome.body);
  return {
    reason: reasonOf(status, page),
    status,
    detail: `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
    retry: RETRIED.has(status) || (page && status < 400),
    retryAfterMicros: retryAfterOf(outcome),
  };
}

/** What an outcome says about the venue's limits; a lone 500 is one failed call. */
export function stress(outcome: HttpOutcome): Stress {
  if (outcome.kind === "none") return { kind: outcome.why === "timeout" ? "timeout" : "none" };
  const retryAfterMicros = retryAfterOf(outcome);
  if (outcome.status === TOO_MANY) return { kind: "rate", retryAfterMicros };
  return outcome.status > 500 ? { kind: "maintenance", retryAfterMicros } : { kind: "none" };
}

function noAnswer({ why, detail }: Unanswered): Failure {
  const words = why.replace("_", " ");
  return {
    reason: NO_ANSWER[why],
    status: 0,
    detail: (detail === "" ? words : `${words}: ${detail}`).slice(0, MAX_TEXT),
    retry: why !== "too_large" && why !== "cancelled",
    retryAfterMicros: null,
  };
}

function reasonOf(status: number, page: boolean): Reason {
  if (status === TOO_MANY) return "feed.rate_limited";
  if (status === 451) return "feed.geo";
  if (page) return "feed.html";
  if (status === 401 || status === 403) return "feed.auth";
  if (status === 404) return "feed.not_found";
  return status >= 500 ? "feed.maintenance" : "feed.bad_answer";
}

/** `Retry-After` in seconds; null when no wait is stated. */
function retryAfterOf({ headers }: Answered): number | null {
  const stated = headers["retry-after"]?.trim() ?? "";
  if (!/^\d{1,9}$/.test(stated)) return null;
  return Math.min(Number(stated), MAX_RETRY_AFTER_SECONDS) * SECOND;
}

function messageOf(body: Uint8Array): string {
  const message = refusalSchema.safeParse(readBody(body)).data?.message ?? "";
  return (typeof message === "string" ? message : message.join("; ")).slice(0, MAX_TEXT);
}

function isPage({ headers, body }: Answered): boolean {
  if (headers["content-type"]?.includes("text/html") === true) return true;
  let at = 0;
  while (at < body.length && body[at]! <= 0x20) at++;
  return body[at] === 0x3c;
}
