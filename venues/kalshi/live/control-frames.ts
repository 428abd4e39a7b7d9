import { z } from "zod";

/** Frames of the socket's own protocol and of the rarer channels; market data is never parsed here. */
export type Control =
  | {
      readonly kind: "subscribed";
      readonly id: number | null;
      readonly sid: number;
      readonly channel: string;
    }
  /** `symbols`: the whole list the subscription now has; null when the reply has none. */
  | { readonly kind: "ok"; readonly id: number | null; readonly symbols: readonly string[] | null }
  | { readonly kind: "unsubscribed"; readonly id: number | null; readonly sid: number | null }
  | {
      readonly kind: "error";
      readonly id: number | null;
      readonly sid: number | null;
      readonly code: number;
      readonly text: string;
    }
  /** The account's own channels. */
  | { readonly kind: "private"; readonly type: string; readonly msg: unknown }
  | { readonly kind: "lifecycle"; readonly msg: unknown }
  | { readonly kind: "other" };

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const TYPE_KEY = Buffer.from('"type":"');
/** The key stands at the front of every recorded frame, or behind a few short numbers. */
const MAX_TYPE_AT = 96;
const DATA_TYPES = ["orderbook_delta", "orderbook_snapshot", "trade", "ticker"].map((type) =>
  Buffer.from(`${type}"`),
);
const PRIVATE_TYPES: ReadonlySet<string> = new Set([
  "fill",
  "user_order",
  "market_position",
  "order_group_updates",
]);

const number = z.int().nullish().catch(null);
const envelopeSchema = z.object({ type: z.string(), id: number, sid: number, msg: z.unknown().optional() });
const subscribedSchema = z.object({ channel: z.string(), sid: z.int() });
const listSchema = z.object({ market_tickers: z.array(z.string()) });
const errorSchema = z.object({ code: z.int(), msg: z.string().max(2_000).catch("") });

/** True for the frames that make up nearly all of a stream; told by their first bytes, without parsing or copying. */
export function isMarketData(bytes: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(start + MAX_TYPE_AT, end - TYPE_KEY.length);
  for (let at = start; at < last; at++) {
    if (!standsAt(bytes, at, end, TYPE_KEY)) continue;
    const from = at + TYPE_KEY.length;
    return DATA_TYPES.some((type) => standsAt(bytes, from, end, type));
  }
  return false;
}

function standsAt(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/** Reads a frame that is no market data; null when it is unreadable. */
export function readControl(bytes: Uint8Array, start: number, end: number): Control | null {
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes.subarray(start, end)));
  } catch {
    return null;
  }
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) return null;
  const { type, msg } = envelope.data;
  const id = envelope.data.id ?? null;
  const sid = envelope.data.sid ?? null;
  if (PRIVATE_TYPES.has(type)) return { kind: "private", type, msg };
  switch (type) {
    case "subscribed": {
      const parsed = subscribedSchema.safeParse(msg);
      return parsed.success ? { kind: "subscribed", id, ...parsed.data } : null;
    }
    case "ok": {
      const list = listSchema.safeParse(msg);
      return { kind: "ok", id, symbols: list.success ? list.data.market_tickers : null };
    }
    case "unsubscribed":
      return { kind: "unsubscribed", id, sid };
    case "error": {
      const parsed = errorSchema.safeParse(msg);
      return {
        kind: "error",
        id,
        sid,
        ...(parsed.success ? { code: parsed.data.code, text: parsed.data.msg } : { code: 0, text: "" }),
      };
    }
    case "market_lifecycle_v2":
      return { kind: "lifecycle", msg };
    default:
      return { kind: "other" };
  }
}
