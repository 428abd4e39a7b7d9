import type { FaultAnswer, ServedAnswer } from "../../../src/contracts/index.ts";

/** Headers beside the usual ones. */
export type Headers = Readonly<Record<string, string>>;

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const HTML_TYPE = { "content-type": "text/html; charset=UTF-8" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

/** JSON text that is already made. */
export function jsonText(status: number, body: string, headers: Headers = {}): ServedAnswer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body };
}

export function json(status: number, body: unknown, headers: Headers = {}): ServedAnswer {
  return jsonText(status, JSON.stringify(body), headers);
}

export function plain(status: number, body: string): ServedAnswer {
  return { status, headers: TEXT_TYPE, body };
}

/** The CLOB's one shape of an error. */
export function refusal(status: number, error: string, headers: Headers = {}): ServedAnswer {
  return json(status, { error }, headers);
}

export const NOT_FOUND = refusal(404, "not found");

/** The texts of the venue's error reference (docs resources/error-codes), and some that are seen but not listed. */
export const Text = {
  TOKEN: "Invalid token id",
  SIDE: "Invalid side",
  PAYLOAD: "Invalid payload",
  TOO_LARGE: "Payload exceeds the limit",
  NO_BOOK: "No orderbook exists for the requested token id",
  MARKET: "Invalid market",
  NO_MARKET: "market not found",
  ORDER_PAYLOAD: "Invalid order payload",
  ORDER_ID: "Invalid orderID",
  NO_ORDER: "order not found",
  OWNER: "the order owner has to be the owner of the API KEY",
  SIGNER: "the order signer address has to be the address of the API KEY",
  SIGNATURE: "invalid signature",
  VERSION: "order_version_mismatch",
  POST_ONLY: "invalid post-only order: order crosses book",
  FUNDS: "not enough balance / allowance",
  EXPIRATION: "invalid expiration",
  FOK: "order couldn't be fully filled. FOK orders are fully filled or killed.",
  FAK: "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
  NOT_READY: "the market is not yet ready to process new orders",
  NOT_CANCELLED: "already canceled or matched",
  API_KEY: "Unauthorized/Invalid api key",
  L1: "Invalid L1 Request headers",
  CREATE_KEY: "Could not create api key",
  DERIVE_KEY: "Could not derive api key!",
  ASSET_TYPE: "Invalid asset type",
  HEARTBEAT: "Invalid Heartbeat ID",
  TOO_MANY: "Too Many Requests",
  REGION:
    "Trading restricted in your region, please refer to available regions - https://docs.polymarket.com/developers/CLOB/geoblock",
  DISABLED: "Trading is currently disabled. Check polymarket.com for updates",
  POST_ONLY_MODE: "post-only mode: only post-only orders and cancels are allowed",
} as const;

/** A Cloudflare block for rate, error 1015: a web page instead of an answer. */
export function cloudflareBlock(host: string): ServedAnswer {
  return {
    status: 429,
    headers: { ...HTML_TYPE, server: "cloudflare" },
    body:
      '<!doctype html><html lang="en-US"><head><title>Access denied | ' +
      `${host} used Cloudflare to restrict access</title></head><body>` +
      "<h1><span>Error</span> <span>1015</span></h1><h2>You are being rate limited</h2>" +
      `<p>The owner of this website (${host}) has banned you temporarily from accessing this website.</p>` +
      "</body></html>",
  };
}

/** While the matching engine restarts. The body is not documented. */
export function restarting(): ServedAnswer {
  return plain(425, "");
}

/** After a restart: only orders that rest, until `seconds` from now. */
export function postOnlyMode(seconds: number): ServedAnswer {
  return json(
    503,
    { error: Text.POST_ONLY_MODE, code: "post_only_mode", retry_after_seconds: seconds },
    { "retry-after": String(seconds) },
  );
}

/** The words of a fault at this venue and its edge. */
export function wordFault(fault: FaultAnswer, retryAfterSeconds: number): ServedAnswer {
  switch (fault) {
    case "rate_limited":
      return refusal(429, Text.TOO_MANY);
    case "rate_limited_retry_after":
      return refusal(429, Text.TOO_MANY, { "retry-after": String(retryAfterSeconds) });
    case "cloudflare_html":
      return cloudflareBlock("clob.polymarket.com");
    case "restarting":
      return restarting();
    case "forbidden":
      return refusal(403, Text.REGION);
    case "unavailable":
      return refusal(503, Text.DISABLED);
  }
}
