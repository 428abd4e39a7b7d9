import type { FaultAnswer, ServedAnswer } from "../../../src/contracts/index.ts";

/**
 * Answers of the REST interface. The recorded material holds no error body of this venue; these have the shape that its
 * framework writes (`statusCode`, `message`, `error`), which the SDK reads (`api/errors.ts`).
 */
export function json(status: number, body: string): ServedAnswer {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body };
}

export function refusal(status: number, message: string, error: string): ServedAnswer {
  return json(status, JSON.stringify({ statusCode: status, message, error }));
}

export const NOT_FOUND: ServedAnswer = refusal(404, "Market not found", "Not Found");
export const TOO_MANY: ServedAnswer = refusal(
  429,
  "ThrottlerException: Too Many Requests",
  "Too Many Requests",
);

/** What this venue, or the proxies in front of it, would send. */
export function wordFault(fault: FaultAnswer): ServedAnswer {
  switch (fault) {
    case "rate_limited":
      return TOO_MANY;
    case "rate_limited_retry_after":
      return { ...TOO_MANY, headers: { ...TOO_MANY.headers, "retry-after": "2" } };
    case "cloudflare_html":
      return page(429, "Error 1015: You are being rate limited");
    case "restarting":
      return page(502, "502 Bad Gateway");
    case "forbidden":
      return refusal(403, "Forbidden resource", "Forbidden");
    case "unavailable":
      return refusal(503, "Service Unavailable", "Service Unavailable");
  }
}

function page(status: number, title: string): ServedAnswer {
  return {
    status,
    headers: { "content-type": "text/html; charset=UTF-8", server: "cloudflare" },
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}
