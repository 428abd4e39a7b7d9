import type { VenueId } from "../src/contracts/index.ts";
import { VENUES } from "../src/registry.gen.ts";
import { type EmbeddedStack, openLoopbackStack } from "../src/runtime/live/embedded-stack.ts";
import { loadProfile } from "../src/runtime/profile/load.ts";
import { runVenues } from "../src/runtime/run/run-venues.ts";
import { SeededRng } from "../src/sim/rng.ts";

/** Embedded venues on loopback in a process of their own, so that the process that connects is measured alone. */

export type VenuesOrder =
  /** Fields of the canary profile by `EMP_…` names. */
  | { readonly kind: "open"; readonly fields: Readonly<Record<string, string>>; readonly seed: string }
  /** Everything happens `factor` times as often for so long. */
  | { readonly kind: "burst"; readonly factor: number; readonly seconds: number };

export interface VenuesAnswer {
  readonly kind: "opened";
  readonly venues: Readonly<
    Record<
      VenueId,
      {
        readonly hosts: Readonly<Record<string, string>>;
        readonly secrets: Readonly<Record<string, string>>;
      }
    >
  >;
}

let stack: EmbeddedStack | null = null;

async function open(fields: Readonly<Record<string, string>>, seed: string): Promise<VenuesAnswer> {
  const { profile } = loadProfile("profiles/canary.yaml", fields, []);
  const venues = runVenues(profile, VENUES);
  stack = await openLoopbackStack(profile, venues, new SeededRng(seed), 0);
  const each = venues.map(({ id }) => {
    const { hosts, secrets } = stack!.ports(id);
    return [id, { hosts, secrets }] as const;
  });
  return { kind: "opened", venues: Object.fromEntries(each) };
}

function answer(message: VenuesAnswer): void {
  process.send!(message);
}

process.on("message", (order: VenuesOrder) => {
  if (order.kind === "open") void open(order.fields, order.seed).then(answer);
  else stack!.market.faults.activityBurst(order.factor, order.seconds * 1e6);
});
process.on("disconnect", () => process.exit());
