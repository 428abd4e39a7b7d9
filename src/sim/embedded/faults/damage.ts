import type { Rng } from "../../../contracts/index.ts";

const PAGE = "<!DOCTYPE html><html>";
/** A raw control character is allowed nowhere in JSON. */
const CONTROL = "\u0001";

/**
 * Damages a frame so that it is no JSON any more: cut off, with a control character, without one of its quotes, or
 * begun as a web page. Never by other means: a changed digit could not be told from a price.
 */
export function damaged(text: string, rng: Rng): string {
  const place = text.length > 1 ? 1 + rng.int(text.length - 1) : 0;
  switch (rng.int(4)) {
    case 0:
      return cut(text, place);
    case 1:
      return text.slice(0, place) + CONTROL + text.slice(place);
    case 2:
      return withoutQuote(text, place);
    default:
      return PAGE + text.slice(place);
  }
}

/** A text that is no object and no list (a number) may be whole when cut. */
function cut(text: string, place: number): string {
  const head = text.slice(0, place);
  return head.startsWith("{") || head.startsWith("[") ? head : head + CONTROL;
}

function withoutQuote(text: string, place: number): string {
  const quote = text.indexOf('"', place);
  const escaped = text.includes("\\");
  if (quote < 0 || escaped) return text + CONTROL;
  return text.slice(0, quote) + text.slice(quote + 1);
}
