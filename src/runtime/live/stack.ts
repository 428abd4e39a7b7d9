import type { DiscoveryCache, Net, Timers, VenueId } from "../../contracts/index.ts";

/** One venue's way out: a network, where its hosts are, and what is configured for it. */
export interface VenuePorts {
  readonly net: Net;
  readonly hosts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly cache: DiscoveryCache;
}

/** Everything a connected run stands on: time, and a way out to each venue. */
export interface LiveStack {
  readonly clock: Timers;
  ports(venue: VenueId): VenuePorts;
  /** Nothing is open after it. */
  close(): Promise<void>;
}
