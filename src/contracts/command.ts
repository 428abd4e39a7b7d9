import type { VenueId } from "./market.ts";
import type { Order, OrderId } from "./opportunity.ts";
import type { Micros } from "./units.ts";

/** COMMANDS: what the engine wants done. Its only output besides decisions. */
export type Command =
  | { readonly kind: "venue.submit"; readonly venue: VenueId; readonly order: Order }
  | { readonly kind: "venue.cancel"; readonly venue: VenueId; readonly orderId: OrderId }
  /** The engine's one alarm: a new wake replaces the last. */
  | { readonly kind: "wake"; readonly at: Micros };
