/** Commands of the websocket, as text. */

interface Subscribe {
  readonly channels: readonly string[];
  readonly symbols: readonly string[];
}

/** `use_yes_price` is always sent: its default is announced to change, and a frame does not say which is in force. */
export function subscribe(id: number, { channels, symbols }: Subscribe): string {
  const filter = symbols.length === 0 ? {} : { market_tickers: symbols };
  return JSON.stringify({ id, cmd: "subscribe", params: { channels, ...filter, use_yes_price: false } });
}

export function unsubscribe(id: number, sid: number): string {
  return JSON.stringify({ id, cmd: "unsubscribe", params: { sids: [sid] } });
}

export type UpdateAction = "add_markets" | "delete_markets" | "get_snapshot";

export function update(id: number, sid: number, action: UpdateAction, symbols: readonly string[]): string {
  return JSON.stringify({
    id,
    cmd: "update_subscription",
    params: { sids: [sid], market_tickers: symbols, action },
  });
}
