import type { FaultAnswer, ServedAnswer } from "../../../src/contracts/index.ts";
import { answer, flatError, nestedError, TOO_MANY } from "./answers.ts";

/** What this venue, or the proxies in front of it, would send. */
export function faultAnswer(fault: FaultAnswer): ServedAnswer {
  switch (fault) {
    case "rate_limited":
      return TOO_MANY;
    case "rate_limited_retry_after":
      // The venue itself states no wait; a proxy in front of it may.
      return { ...TOO_MANY, headers: { ...TOO_MANY.headers, "retry-after": "2" } };
    case "cloudflare_html":
      return page(
        429,
        "ERROR: The request could not be satisfied",
        "Request blocked. There might be too much traffic.",
      );
    case "restarting":
      return page(502, "502 Bad Gateway", "502 Bad Gateway");
    case "forbidden":
      return flatError(403, "forbidden", "access denied");
    case "unavailable":
      return nestedError(503, {
        code: "service_unavailable",
        message: "service unavailable",
        service: "exchange",
      });
  }
}

/** Unknown paths are answered by the gateway. */
export const UNKNOWN_PATH: ServedAnswer = answer(404, { error: { code: "not_found", message: "not found" } });

function page(status: number, title: string, text: string): ServedAnswer {
  return {
    status,
    headers: { "content-type": "text/html", server: "CloudFront" },
    body: `<!DOCTYPE HTML>\n<HTML><HEAD><TITLE>${title}</TITLE></HEAD><BODY><H1>${status} ERROR</H1>\n<P>${text}</P>\n</BODY></HTML>\n`,
  };
}
