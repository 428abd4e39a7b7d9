import type { Micros, Sha256Hex } from "../../contracts/index.ts";
import { DEFAULT_WORLD, type WorldOptions } from "../../sim/world/options.ts";
import type { Profile } from "./schema.ts";

const MICROS_PER_MS = 1_000;

/**
 * The simulated market that a profile asks for; null when it has none.
 * A stale leg is planted only after twice the firewall's limit of age.
 */
export function worldOptions(profile: Profile, sha256: Sha256Hex): WorldOptions | null {
  const { world, firewall } = profile;
  if (world === undefined) return null;
  return {
    startAt: (Date.parse(world.startAt) * MICROS_PER_MS) as Micros,
    actionsPerSecond: world.actionsPerSecond,
    plantEveryMicros: world.plantEveryMs * MICROS_PER_MS,
    decoyEveryMicros: world.decoyEveryMs * MICROS_PER_MS,
    hazardEveryMicros: world.hazardEveryMs * MICROS_PER_MS,
    eventLifeMicros: world.eventLifeMs * MICROS_PER_MS,
    staleAfterMicros: 2 * firewall.maxAgeMs * MICROS_PER_MS,
    events: DEFAULT_WORLD.events,
    sha256,
  };
}
