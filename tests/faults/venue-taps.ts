import type {
  Cancel,
  EmbeddedEnv,
  EmbeddedServer,
  SessionEnv,
  VenueId,
  VenueModule,
} from "../../src/contracts/index.ts";
import { SkewedTimers } from "../../src/sim/net/skewed-timers.ts";
import type { ProbeOrders } from "./probe-orders.ts";

/** Makes venues that tests have a hand in: their clocks, how long they sit on requests, and orders of the tests' own. */
export class VenueTaps {
  /** The venues' own clocks. */
  readonly skews = new Map<VenueId, SkewedTimers>();
  readonly #stalledUntil = new Map<VenueId, number>();
  readonly #probes: ProbeOrders;

  constructor(probes: ProbeOrders) {
    this.#probes = probes;
  }

  /** Requests that reach the venue before this instant are looked at then, and not before. */
  stall(venue: VenueId, untilMicros: number): void {
    this.#stalledUntil.set(venue, untilMicros);
  }

  /** The same module; answers to orders of tests are kept from the engine. */
  tap(id: VenueId, module: VenueModule): VenueModule {
    const live = module.live!;
    const configure = (options: unknown) => {
      const make = live.configure(options);
      return (env: SessionEnv, orders: "off" | "on") => {
        const order: SessionEnv["report"]["order"] = (update) => {
          if (!this.#probes.take(update)) env.report.order(update);
        };
        return make({ ...env, report: { ...env.report, order } }, orders);
      };
    };
    const open = (env: EmbeddedEnv) => this.#server(id, env, live.embedded.open);
    return { ...module, live: { ...live, configure, embedded: { ...live.embedded, open } } };
  }

  #server(id: VenueId, env: EmbeddedEnv, open: (env: EmbeddedEnv) => EmbeddedServer): EmbeddedServer {
    const skew = new SkewedTimers(env.clock, 0);
    this.skews.set(id, skew);
    const server = open({ ...env, clock: skew });
    const held = new Set<Cancel>();
    return {
      request: (host, request, reply) => {
        const wait = (this.#stalledUntil.get(id) ?? 0) - env.clock.now();
        if (wait <= 0) {
          server.request(host, request, reply);
          return;
        }
        const cancel = env.clock.after(wait, () => {
          held.delete(cancel);
          server.request(host, request, reply);
        });
        held.add(cancel);
      },
      socket: (host, request, peer) => server.socket(host, request, peer),
      faultAnswer: (fault) => server.faultAnswer(fault),
      close: () => {
        for (const cancel of held) cancel();
        server.close();
      },
    };
  }
}
