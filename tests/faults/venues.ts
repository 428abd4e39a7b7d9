import type { VenueId, VenueModule } from "../../src/contracts/index.ts";
import { VENUES } from "../../src/registry.gen.ts";

/** What the tests need to know of a venue's wire. */
export interface FaultVenue {
  readonly id: VenueId;
  /** Part of `METHOD /path` that only a new order has, and one that only the market data socket has. */
  readonly order: string;
  readonly stream: string;
  /** Part of the address of catalogue requests, and the rate class they belong to. */
  readonly catalogue: string;
  readonly catalogueClass: string;
}

const WIRES: readonly FaultVenue[] = [
  {
    id: "kalshi",
    order: "POST /trade-api/v2/portfolio/events/orders",
    stream: "GET /trade-api/ws/v2",
    catalogue: "/events",
    catalogueClass: "read.basic",
  },
  {
    id: "polymarket",
    order: "POST /order",
    stream: "GET /ws/market",
    catalogue: "/events/keyset",
    catalogueClass: "gamma",
  },
];

export function moduleOf(id: VenueId): VenueModule {
  return VENUES.get(id)!;
}

/** Venues that can be connected to. The others join these tests as soon as their module has a live part. */
export const FAULT_VENUES: readonly FaultVenue[] = WIRES.filter(({ id }) => moduleOf(id).live !== null);
