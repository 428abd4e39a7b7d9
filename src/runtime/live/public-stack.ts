import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Micros, VenueId, VenueLive } from "../../contracts/index.ts";
import { EmpError } from "../emp-error.ts";
import { LiveNet } from "../net/live-net.ts";
import { WallTimers } from "../net/wall-timers.ts";
import type { Profile } from "../profile/schema.ts";
import type { RunVenue } from "../replay/journal-venues.ts";
import { FileDiscoveryCache } from "./discovery-cache.ts";
import { readSecrets } from "./secrets.ts";
import type { LiveStack, VenuePorts } from "./stack.ts";

/** Requests a second to one host at most, below every published limit of a plain account, whatever a governor learned. */
const HOST_CEILING = { perSecond: 50, burst: 50, maxWaiting: 1_000 };

/** How to connect to a venue. @throws EmpError when the adapter reads recordings only. */
export function liveOf({ id, module }: RunVenue): VenueLive {
  if (module.live !== null) return module.live;
  throw new EmpError(
    "run.venue",
    `run: venues.${id}: ${module.id} reads recordings only; leave it out or use emp replay`,
  );
}

/** Where a catalogue is kept between runs: one file per venue and address. */
export function catalogueFile(dir: string, id: VenueId, hosts: Readonly<Record<string, string>>): string {
  const key = createHash("sha256").update(JSON.stringify(hosts)).digest("hex").slice(0, 12);
  return join(dir, `${id}-${key}.catalogue`);
}

/** The public venues over the internet. Nothing is opened before the first request. */
export function openPublicStack(
  profile: Profile,
  venues: readonly RunVenue[],
  env: Readonly<Record<string, string | undefined>>,
  cacheDir: string,
): LiveStack {
  const clock = new WallTimers();
  const now = (): Micros => clock.now();
  const ports = new Map<VenueId, VenuePorts>();
  const nets: LiveNet[] = [];
  for (const venue of venues) {
    const live = liveOf(venue);
    const hosts = { ...live.hosts, ...profile.venues[venue.id]?.hosts };
    const origins = Object.values(hosts).map((url) => new URL(url).origin);
    const ceilings = Object.fromEntries(origins.map((origin) => [origin, HOST_CEILING]));
    const net = new LiveNet({ clock, ceilings, limits: { maxMessageBytes: profile.limits.maxFrameBytes } });
    nets.push(net);
    const maxAgeMicros = profile.feed.cacheMaxAgeMs * 1000;
    const cache = new FileDiscoveryCache(catalogueFile(cacheDir, venue.id, hosts), maxAgeMicros, now);
    ports.set(venue.id, { net, hosts, secrets: readSecrets(live.secrets, env), cache });
  }
  return {
    clock,
    ports: (id) => ports.get(id)!,
    close: async () => {
      await Promise.all(nets.map((net) => net.close()));
      clock.close();
    },
  };
}
