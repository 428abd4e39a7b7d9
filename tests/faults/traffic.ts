import type { HttpOutcome, HttpRequest, Net, VenueId } from "../../src/contracts/index.ts";
import type { EmbeddedStack } from "../../src/runtime/live/embedded-stack.ts";

/** A request as it left, and what became of it. */
export interface Exchange {
  readonly venue: VenueId;
  readonly request: HttpRequest;
  readonly sentAt: number;
  outcome: HttpOutcome | null;
}

/** Notes every request that a stack's networks carry. */
export class Traffic {
  readonly exchanges: Exchange[] = [];

  /** The same stack, with every request noted. */
  watch(stack: EmbeddedStack): EmbeddedStack {
    const nets = new Map<VenueId, Net>();
    return {
      ...stack,
      ports: (id) => {
        const ports = stack.ports(id);
        const net = nets.get(id) ?? this.#noting(id, ports.net, () => stack.clock.now());
        nets.set(id, net);
        return { ...ports, net };
      },
    };
  }

  /** Requests to a venue whose `METHOD url` holds a text. */
  of(venue: VenueId, part: string): readonly Exchange[] {
    return this.exchanges.filter(
      ({ venue: own, request }) =>
        own === venue && `${request.method} ${new URL(request.url).pathname}`.includes(part),
    );
  }

  #noting(venue: VenueId, net: Net, now: () => number): Net {
    return {
      request: (request, done) => {
        const exchange: Exchange = { venue, request, sentAt: now(), outcome: null };
        this.exchanges.push(exchange);
        return net.request(request, (outcome) => {
          exchange.outcome = outcome;
          done(outcome);
        });
      },
      connect: (url, headers, handlers) => net.connect(url, headers, handlers),
    };
  }
}
