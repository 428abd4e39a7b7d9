import type { EmbeddedServer, Net, Rng, Timers, VenueId, VenueLive } from "../../contracts/index.ts";
import { createEmbeddedMarket, type EmbeddedMarket } from "../../sim/embedded/market.ts";
import type { LinkLatency } from "../../sim/net/link-latency.ts";
import { SimNet } from "../../sim/net/sim-net.ts";
import { sha256Hex } from "../assemble.ts";
import { EmbeddedHost } from "../embedded/host.ts";
import { LiveNet } from "../net/live-net.ts";
import { WallTimers } from "../net/wall-timers.ts";
import type { Profile } from "../profile/schema.ts";
import type { RunVenue } from "../replay/journal-venues.ts";
import { liveOf } from "./public-stack.ts";
import type { LiveStack, VenuePorts } from "./stack.ts";

/** The account that an embedded run trades and streams with, and its money at each venue. */
const ACCOUNT = "emp";
const ACCOUNT_CASH = "100000";
/** One way over the simulated network. */
const LATENCY: LinkLatency = { minMicros: 2_000, typicalMicros: 5_000, maxMicros: 40_000 };
const NO_CACHE = { read: () => null, write: () => {} };

/** The venues inside EMP: their market, and a way to them. */
export interface EmbeddedStack extends LiveStack {
  readonly market: EmbeddedMarket;
  readonly servers: ReadonlyMap<VenueId, EmbeddedServer>;
}

interface Served {
  readonly live: VenueLive;
  readonly server: EmbeddedServer;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Wraps each venue's server, e.g. with faults. */
export type WrapServer = (venue: VenueId, server: EmbeddedServer) => EmbeddedServer;

/** Embedded venues on real sockets over loopback, in real time. */
export async function openLoopbackStack(
  profile: Profile,
  venues: readonly RunVenue[],
  rng: Rng,
  wrap: WrapServer,
): Promise<EmbeddedStack> {
  const clock = new WallTimers();
  const { market, served } = serve(profile, venues, clock, rng, wrap);
  const ports = new Map<VenueId, VenuePorts>();
  const hosts: EmbeddedHost[] = [];
  const net = new LiveNet({ clock, limits: { maxMessageBytes: profile.limits.maxFrameBytes } });
  for (const [id, { live, server, secrets }] of served) {
    const host = new EmbeddedHost({ server, hosts: live.hosts });
    hosts.push(host);
    ports.set(id, { net, hosts: await host.start(), secrets, cache: NO_CACHE });
  }
  market.start();
  return {
    clock,
    market,
    servers: serversOf(served),
    ports: (id) => ports.get(id)!,
    close: async () => {
      market.stop();
      await net.close();
      await Promise.all(hosts.map((host) => host.stop()));
      clock.close();
    },
  };
}

/** Embedded venues in simulated time: the same servers and sessions, no socket, no waiting. */
export function openSimulatedStack(
  profile: Profile,
  venues: readonly RunVenue[],
  rng: Rng,
  clock: Timers,
  wrap: WrapServer,
): EmbeddedStack {
  const { market, served } = serve(profile, venues, clock, rng, wrap);
  const net = new SimNet({ clock, rng: rng.fork("net"), up: LATENCY, down: LATENCY });
  const ports = new Map<VenueId, VenuePorts>();
  for (const [id, { live, server, secrets }] of served)
    ports.set(id, { net: net as Net, hosts: net.serve(id, live.hosts, server), secrets, cache: NO_CACHE });
  market.start();
  return {
    clock,
    market,
    servers: serversOf(served),
    ports: (id) => ports.get(id)!,
    close: async () => {
      market.stop();
      net.close();
      for (const { server } of served.values()) server.close();
    },
  };
}

function serve(
  profile: Profile,
  venues: readonly RunVenue[],
  clock: Timers,
  rng: Rng,
  wrap: WrapServer,
): { readonly market: EmbeddedMarket; readonly served: ReadonlyMap<VenueId, Served> } {
  const { embedded } = profile;
  const market = createEmbeddedMarket({
    venues: venues.map((venue) => ({ id: venue.id, module: liveOf(venue).embedded })),
    clock,
    rng: rng.fork("market"),
    sha256: sha256Hex,
    options: {
      marketsPerVenue: embedded.marketsPerVenue,
      coherentPermille: Number(embedded.coherentShare) * 1000,
      eventsPerSecond: embedded.eventsPerSecond,
      plantEveryMicros: embedded.plantEveryMs * 1000,
      crossEveryMicros: embedded.crossEveryMs * 1000,
      decoyEveryMicros: embedded.decoyEveryMs * 1000,
      eventLifeMicros: embedded.eventLifeMs * 1000,
      accounts: [{ name: ACCOUNT, cash: ACCOUNT_CASH }],
    },
  });
  const served = new Map<VenueId, Served>();
  for (const venue of venues) {
    const live = liveOf(venue);
    const secrets = live.embedded.account(`${profile.seed} ${venue.id}`);
    const server = live.embedded.open({
      venue: venue.id,
      exchange: market.exchanges.get(venue.id)!,
      clock,
      rng: rng.fork(`server ${venue.id}`),
      sha256: sha256Hex,
      accounts: new Map([[ACCOUNT, secrets]]),
      rateLimits: embedded.rateLimits,
    });
    served.set(venue.id, { live, server: wrap(venue.id, server), secrets: embedded.keys ? secrets : {} });
  }
  return { market, served };
}

function serversOf(served: ReadonlyMap<VenueId, Served>): ReadonlyMap<VenueId, EmbeddedServer> {
  return new Map([...served].map(([id, { server }]) => [id, server]));
}
