import { z } from "zod";
import type { Announcer } from "./announcer.ts";
import type { EventQueue } from "./event-queue.ts";

const messageSchema = z.object({
  event_type: z.string(),
  market_ticker: z.string().max(128),
  additional_metadata: z
    .object({ event_ticker: z.string().max(128) })
    .nullish()
    .catch(null),
});

/** What the life-cycle channel says about which books are worth watching. The mapper reads the same frames for facts. */
export class LifecycleWatch {
  readonly #announcer: Announcer;
  readonly #events: EventQueue;

  constructor(announcer: Announcer, events: EventQueue) {
    this.#announcer = announcer;
    this.#events = events;
  }

  message(msg: unknown): void {
    const parsed = messageSchema.safeParse(msg);
    if (!parsed.success) return;
    const { event_type, market_ticker, additional_metadata } = parsed.data;
    const { listings } = this.#announcer;
    switch (event_type) {
      case "created": {
        const event = additional_metadata?.event_ticker;
        if (event !== undefined && !market_ticker.startsWith("KXMVE")) this.#events.want(event, true);
        return;
      }
      case "activated":
        this.#set(market_ticker, true);
        return;
      case "settled":
        listings.resolved(market_ticker);
        this.#set(market_ticker, false);
        return;
      case "deactivated":
      case "determined":
        this.#set(market_ticker, false);
        return;
      case "close_date_updated":
      case "metadata_updated": {
        const event = listings.eventOf(market_ticker);
        if (event !== undefined) this.#events.want(event);
        return;
      }
      default:
    }
  }

  #set(symbol: string, open: boolean): void {
    const change = this.#announcer.listings.set(symbol, open);
    if (change !== null) this.#announcer.listed([change]);
  }
}
