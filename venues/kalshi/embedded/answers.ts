import type { ServedAnswer } from "../../../src/contracts/index.ts";

/** Answers of the REST interface. Every shape of an error body was recorded from the venue's demo system. */

const JSON_HEADERS = { "content-type": "application/json" } as const;

/** An answer with a JSON body. */
export function answer(status: number, value: unknown): ServedAnswer {
  return textAnswer(status, JSON.stringify(value));
}

/** An answer whose JSON text is built already. */
export function textAnswer(status: number, body: string): ServedAnswer {
  return { status, headers: JSON_HEADERS, body };
}

/** The body of a refusal by the exchange or by authentication: nested. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: string;
  readonly service?: string;
}

export function nestedError(status: number, error: WireError): ServedAnswer {
  return answer(status, { error });
}

/** What the exchange itself refuses; its message is the code in words. */
export function exchangeError(code: string): WireError {
  return { code, message: code.replaceAll("_", " ").toLowerCase(), service: "exchange" };
}

/** A body that could not be decoded: flat. */
export function flatError(status: number, code: string, details: string): ServedAnswer {
  return answer(status, { code, message: code.replaceAll("_", " "), details });
}

/** A parameter out of bounds: only a message. */
export function parameterError(call: string, field: string, rule: string): ServedAnswer {
  const what = `Key: '${call}Params.${field}' Error:Field validation for '${field}' failed on the '${rule}' tag`;
  return answer(400, { msg: `Parameter validation failed for ${call}: ${what}` });
}

export const NOT_FOUND: ServedAnswer = nestedError(404, exchangeError("not_found"));

/** Too much: no `Retry-After` and no rate headers. */
export const TOO_MANY: ServedAnswer = answer(429, { error: "too many requests" });
