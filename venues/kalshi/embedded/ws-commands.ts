import { z } from "zod";

/** Error codes of the socket with the venue's words. Source: asyncapi error table. */
export const WS_ERRORS = {
  process: [1, "Unable to process message"],
  params: [2, "Params required"],
  channels: [3, "Channels required"],
  sids: [4, "Subscription IDs required"],
  command: [5, "Unknown command"],
  unknown_sid: [7, "Unknown subscription ID"],
  channel: [8, "Unknown channel name"],
  parameter: [11, "Invalid parameter"],
  one_sid: [12, "Exactly one subscription ID is required"],
  action: [13, "Unsupported action"],
  ticker: [14, "Market Ticker required"],
  no_action: [15, "Action required"],
  market_limit: [26, "Subscription market limit exceeded"],
  too_many: [27, "Too many requests"],
} as const;

export type WsError = keyof typeof WS_ERRORS;

/** Channels by what they carry. Other channels can be subscribed to and stay silent. */
const MARKET_CHANNELS = ["orderbook_delta", "ticker", "trade"] as const;
const WHOLE_CHANNELS = ["market_lifecycle_v2", "fill", "user_orders"] as const;
const SILENT_CHANNELS = [
  "market_positions",
  "multivariate_market_lifecycle",
  "communications",
  "order_group_updates",
  "cfbenchmarks_value",
  "cfbenchmarks_value_5hz",
  "pyth_value",
] as const;
const CHANNELS: ReadonlySet<string> = new Set([...MARKET_CHANNELS, ...WHOLE_CHANNELS, ...SILENT_CHANNELS]);

export type Command =
  | {
      readonly kind: "subscribe";
      readonly id: number;
      readonly channels: readonly string[];
      readonly symbols: readonly string[];
      readonly yesPrice: boolean;
      readonly skipAck: boolean;
      readonly initialTicker: boolean;
    }
  | { readonly kind: "unsubscribe"; readonly id: number; readonly sids: readonly number[] }
  | {
      readonly kind: "update";
      readonly id: number;
      readonly sid: number;
      readonly action: "add_markets" | "delete_markets" | "get_snapshot";
      readonly symbols: readonly string[];
    }
  | { readonly kind: "list"; readonly id: number }
  | { readonly kind: "error"; readonly id: number; readonly error: WsError };

const MAX_SYMBOLS = 500_000;
const ticker = z.string().max(128);
const envelopeSchema = z.object({
  id: z.int().min(0).optional(),
  cmd: z.unknown().optional(),
  params: z.unknown().optional(),
});
const subscribeSchema = z.object({
  channels: z.array(z.string()).min(1),
  market_ticker: ticker.optional(),
  market_tickers: z.array(ticker).max(MAX_SYMBOLS).optional(),
  use_yes_price: z.boolean().optional(),
  skip_ticker_ack: z.boolean().optional(),
  send_initial_snapshot: z.boolean().optional(),
});
const unsubscribeSchema = z.object({ sids: z.array(z.int()).min(1).max(10_000) });
const updateSchema = z.object({
  sid: z.int().optional(),
  sids: z.array(z.int()).optional(),
  action: z.string().optional(),
  market_ticker: ticker.optional(),
  market_tickers: z.array(ticker).max(MAX_SYMBOLS).optional(),
});
const ACTIONS = ["add_markets", "delete_markets", "get_snapshot"] as const;

/** Reads one message of a client. Never throws: what is wrong with it becomes the error the venue names. */
export function readCommand(text: string): Command {
  const envelope = envelopeSchema.safeParse(parse(text));
  if (!envelope.success) return { kind: "error", id: 0, error: "process" };
  const { id = 0, cmd, params } = envelope.data;
  const error = (name: WsError): Command => ({ kind: "error", id, error: name });
  if (cmd === "list_subscriptions") return { kind: "list", id };
  if (cmd !== "subscribe" && cmd !== "unsubscribe" && cmd !== "update_subscription") return error("command");
  if (typeof params !== "object" || params === null) return error("params");
  if (cmd === "subscribe") return readSubscribe(id, params);
  if (cmd === "update_subscription") return readUpdate(id, params);
  const parsed = unsubscribeSchema.safeParse(params);
  return parsed.success ? { kind: "unsubscribe", id, sids: parsed.data.sids } : error("sids");
}

function readSubscribe(id: number, params: object): Command {
  const error = (name: WsError): Command => ({ kind: "error", id, error: name });
  const parsed = subscribeSchema.safeParse(params);
  if (!parsed.success)
    return error(parsed.error.issues[0]?.path[0] === "channels" ? "channels" : "parameter");
  const { channels, market_ticker, market_tickers, ...flags } = parsed.data;
  if (channels.some((channel) => !CHANNELS.has(channel))) return error("channel");
  if (market_ticker !== undefined && market_tickers !== undefined) return error("parameter");
  const symbols = [...new Set(market_ticker === undefined ? market_tickers : [market_ticker])];
  if (symbols.length === 0 && channels.includes("orderbook_delta")) return error("ticker");
  return {
    kind: "subscribe",
    id,
    channels: [...new Set(channels)],
    symbols,
    yesPrice: flags.use_yes_price ?? false,
    skipAck: flags.skip_ticker_ack ?? false,
    initialTicker: flags.send_initial_snapshot ?? false,
  };
}

function readUpdate(id: number, params: object): Command {
  const error = (name: WsError): Command => ({ kind: "error", id, error: name });
  const parsed = updateSchema.safeParse(params);
  if (!parsed.success) return error("parameter");
  const { sid, sids, action: named, market_ticker, market_tickers } = parsed.data;
  const given = [...(sid === undefined ? [] : [sid]), ...(sids ?? [])];
  if (given.length !== 1) return error("one_sid");
  if (named === undefined) return error("no_action");
  const action = ACTIONS.find((each) => each === named);
  if (action === undefined) return error("action");
  const symbols = [...new Set(market_ticker === undefined ? market_tickers : [market_ticker])];
  return symbols.length === 0 ? error("ticker") : { kind: "update", id, sid: given[0]!, action, symbols };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
