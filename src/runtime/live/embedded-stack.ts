import type { Micros, Rng, Timers, VenueId, VenueLive } from "../../contracts/index.ts";
import { FaultGate } from "../../sim/embedded/faults/fault-gate.ts";
import { randomFaults } from "../../sim/embedded/faults/random-faults.ts";
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
/** A start and an end without faults, and how long a venue may take to be whole again after one. */
const QUIET_MICROS = 30_000_000;
const HEAL_MICROS = 60_000_000;
const NO_CACHE = { read: () => null, write: () => {} };

/** The venues inside EMP: their market, and a way to them. */
export interface EmbeddedStack extends LiveStack {
  readonly market: EmbeddedMarket;
  /** What stands in front of each venue's server: faults begin here. */
  readonly gates: ReadonlyMap<VenueId, FaultGate>;
}

interface Served {
  readonly live: VenueLive;
  readonly gate: FaultGate;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Embedded venues on real sockets over loopback, in real time.
 * @param clock time of venues, sessions and sockets alike; closed with the stack.
 */
export async function openLoopbackStack(
  profile: Profile,
  venues: readonly RunVenue[],
  rng: Rng,
  faultSpanMicros: number,
  clock: Timers & { close(): void } = new WallTimers(),
): Promise<EmbeddedStack> {
  const { market, served } = serve(profile, venues, clock, rng);
  const ports = new Map<VenueId, VenuePorts>();
  const hosts: EmbeddedHost[] = [];
  const net = new LiveNet({ clock, limits: { maxMessageBytes: profile.limits.maxFrameBytes } });
  for (const [id, { live, gate, secrets }] of served) {
    const host = new EmbeddedHost({ server: gate, hosts: live.hosts });
    hosts.push(host);
    ports.set(id, { net, hosts: await host.start(), secrets, cache: NO_CACHE });
  }
  market.start();
  scheduleFaults(profile, market, served, clock, rng, faultSpanMicros);
  return {
    clock,
    market,
    gates: gatesOf(served),
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
  faultSpanMicros: number,
): EmbeddedStack {
  const { market, served } = serve(profile, venues, clock, rng);
  const net = new SimNet({ clock, rng: rng.fork("net"), up: LATENCY, down: LATENCY });
  const ports = new Map<VenueId, VenuePorts>();
  for (const [id, { live, gate, secrets }] of served)
    ports.set(id, { net, hosts: net.serve(id, live.hosts, gate), secrets, cache: NO_CACHE });
  market.start();
  scheduleFaults(profile, market, served, clock, rng, faultSpanMicros);
  return {
    clock,
    market,
    gates: gatesOf(served),
    ports: (id) => ports.get(id)!,
    close: async () => {
      market.stop();
      net.close();
      for (const { gate } of served.values()) gate.close();
    },
  };
}

function serve(
  profile: Profile,
  venues: readonly RunVenue[],
  clock: Timers,
  rng: Rng,
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
      faultEveryMicros: embedded.faultEveryMs * 1000,
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
    const { isHeartbeat } = live.embedded;
    const gate = new FaultGate(server, {
      clock,
      rng: rng.fork(`faults ${venue.id}`),
      ...(isHeartbeat === undefined ? {} : { isHeartbeat: (text: string) => isHeartbeat(text) }),
    });
    served.set(venue.id, { live, gate, secrets: embedded.keys ? secrets : {} });
  }
  return { market, served };
}

/**
 * A seeded schedule of transport faults for each venue, with an answer key that knows of them: what stands at a venue
 * while a fault strikes, and shortly after, may rightly be missed.
 */
function scheduleFaults(
  { embedded }: Profile,
  market: EmbeddedMarket,
  served: ReadonlyMap<VenueId, Served>,
  clock: Timers,
  rng: Rng,
  spanMicros: number,
): void {
  if (embedded.faultEveryMs === 0) return;
  for (const [id, { gate }] of served) {
    const meanGapMicros = embedded.faultEveryMs * 1000 * served.size;
    const plan = randomFaults(rng.fork(`plan ${id}`), {
      spanMicros,
      meanGapMicros,
      quietMicros: QUIET_MICROS,
    });
    gate.run(plan);
    for (const { afterMicros, durationMicros } of plan) {
      const lasts = (durationMicros ?? 0) + HEAL_MICROS;
      clock.after(afterMicros, () => {
        const now = clock.now();
        market.disturb(id, now, (now + lasts) as Micros);
      });
    }
  }
}

function gatesOf(served: ReadonlyMap<VenueId, Served>): ReadonlyMap<VenueId, FaultGate> {
  return new Map([...served].map(([id, { gate }]) => [id, gate]));
}
