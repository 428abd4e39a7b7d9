import { z } from "zod";
import type { HttpOutcome, Reason, Stress } from "../../../src/contracts/index.ts";

/** Why a request gave nothing. */
export interface Failure {
  readonly reason: Reason;
  /** HTTP status; 0 = no answer. */
  readonly status: number;
  /** The venue's own code, lower case; empty when it gave none. */
  readonly code: string;
  /** One line for people; never holds a header. */
  readonly detail: string;
  /** Asking again may help. */
  readonly retry: boolean;
  readonly retryAfterMicros: number | null;
  /** False: it never left, so the venue cannot have acted on it. */
  readonly sent: boolean;
}

const MAX_DETAIL = 200;
const DECODER = new TextDecoder();
const word = z.string().max(2_000).nullish();
const fields = z.object({
  code: z.union([z.string().max(200), z.number()]).nullish(),
  message: word,
  details: word,
});
/** Live answers nest the error; the specification shows it flat; rates and bad parameters get a bare text. */
const refusalSchema = z.union([
  z.object({ error: fields }).transform(({ error }) => error),
  z
    .object({ error: z.string().max(2_000) })
    .transform(({ error }) => ({ code: error, message: error, details: null })),
  z
    .object({ msg: z.string().max(2_000) })
    .transform(({ msg }) => ({ code: "", message: msg, details: null })),
  fields.refine(({ code, message }) => code !== undefined || message !== undefined),
]);

/** Code and words of an error body in either of the venue's shapes; null when it is none. */
export function readRefusal(body: Uint8Array): { readonly code: string; readonly text: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(DECODER.decode(body));
  } catch {
    return null;
  }
  const parsed = refusalSchema.safeParse(value);
  if (!parsed.success) return null;
  const { code, message, details } = parsed.data;
  const text = [
    ...new Set([code, message, details].filter((part) => part !== null && part !== undefined && part !== "")),
  ];
  return { code: String(code ?? "").toLowerCase(), text: text.join(": ").slice(0, MAX_DETAIL) };
}

/** What is wrong with an outcome; null when it is a usable answer. */
export function failureOf(outcome: HttpOutcome): Failure | null {
  if (outcome.kind === "none") return noAnswer(outcome);
  const { status, headers, body } = outcome;
  const html = isHtml(body, headers);
  if (status >= 200 && status < 300 && !html) return null;
  const refusal = html ? null : readRefusal(body);
  const said = html ? "a web page" : (refusal?.text ?? "");
  return {
    reason: reasonOf(status, html, said),
    status,
    code: refusal?.code ?? "",
    detail: `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
    retry: status === 429 || status >= 500 || html,
    retryAfterMicros: retryAfter(headers, outcome.at),
    sent: true,
  };
}

function noAnswer(outcome: Extract<HttpOutcome, { kind: "none" }>): Failure {
  const { why, detail, sent } = outcome;
  const reasons = {
    timeout: "feed.timeout",
    unreachable: "feed.unreachable",
    reset: "feed.unreachable",
    too_large: "feed.bad_answer",
    cancelled: "feed.shed",
    queue_full: "feed.queue_full",
  } as const satisfies Record<typeof why, Reason>;
  return {
    reason: reasons[why],
    status: 0,
    code: why,
    detail: `${why.replace("_", " ")}${detail === "" ? "" : `: ${detail}`}`.slice(0, MAX_DETAIL),
    retry: why !== "too_large" && why !== "cancelled",
    retryAfterMicros: null,
    sent,
  };
}

function reasonOf(status: number, html: boolean, said: string): Reason {
  if (status === 429) return "feed.rate_limited";
  if (status === 451 || (status === 403 && /region|countr|jurisdiction|geo/i.test(said))) return "feed.geo";
  if (html) return "feed.html";
  if (status === 401 || status === 403) return "feed.auth";
  if (status === 404) return "feed.not_found";
  return status >= 500 ? "feed.maintenance" : "feed.bad_answer";
}

/** What an outcome says about the venue's limits. A 429 of this venue states no wait; a proxy in front of it may. */
export function stress(outcome: HttpOutcome): Stress {
  if (outcome.kind === "none") return { kind: outcome.why === "timeout" ? "timeout" : "none" };
  const { status, headers, body, at } = outcome;
  const retryAfterMicros = retryAfter(headers, at);
  if (status === 429) return { kind: "rate", retryAfterMicros };
  if (status >= 500 || isHtml(body, headers)) return { kind: "maintenance", retryAfterMicros };
  return { kind: "none" };
}

function isHtml(body: Uint8Array, headers: Readonly<Record<string, string>>): boolean {
  if (headers["content-type"]?.includes("text/html") === true) return true;
  let at = 0;
  while (at < body.length && body[at]! <= 0x20) at++;
  return body[at] === 0x3c;
}

/** `Retry-After` in seconds or as a date, in microseconds from `at`; null when it is absent or unreadable. */
function retryAfter(headers: Readonly<Record<string, string>>, at: number): number | null {
  const stated = headers["retry-after"]?.trim();
  if (stated === undefined) return null;
  if (/^\d{1,6}(\.\d+)?$/.test(stated)) return Math.ceil(Number(stated) * 1_000_000);
  const date = Date.parse(stated);
  return Number.isNaN(date) ? null : Math.max(0, date * 1_000 - at);
}
