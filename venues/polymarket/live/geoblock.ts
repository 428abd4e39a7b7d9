import { z } from "zod";
import type { SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { type Rest, readBody } from "./rest.ts";

/** What the venue lets this address do. Market data is open to all. */
export type Region = "open" | "close_only" | "blocked";

export const GeoblockAnswer = z.object({
  blocked: z.boolean(),
  country: z.string().nullish().catch(null),
  region: z.string().nullish().catch(null),
  /** Not seen yet; the late-2026 page knows a class that may only close positions. */
  closeOnly: z.boolean().nullish().catch(null),
  close_only: z.boolean().nullish().catch(null),
});

const TRIES = 3;
/** A refused order may have been a mistake of the venue's edge: the query is asked again after this time. */
const AGAIN_MICROS = 60_000_000;

/** Whether orders from this address are taken: by the venue's own query, and by what refused orders were told. */
export class Geoblock {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #changed: (region: Region, detail: string) => void;
  region: Region = "open";

  /** @param changed told when the region turns out to be another than was thought; first it is taken for open. */
  constructor(env: SessionEnv, scope: Scope, rest: Rest, changed: (region: Region, detail: string) => void) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
    this.#changed = changed;
  }

  ask(): void {
    const call = {
      host: "geo",
      method: "GET",
      path: "/api/geoblock",
      rateClass: "geo",
      purpose: "account",
    } as const;
    this.#rest.retrying(call, TRIES, (answer) => {
      const read = answer.ok ? GeoblockAnswer.safeParse(readBody(answer.body)).data : undefined;
      if (read === undefined) {
        const detail = answer.ok ? "another shape" : answer.failure.detail;
        this.#env.report.refused(
          answer.ok ? "feed.shape" : answer.failure.reason,
          `geoblock query: ${detail}`,
        );
        if (this.region !== "open") this.#later();
        return;
      }
      const where = [read.country, read.region].filter((part) => part).join("-") || "unknown";
      const closeOnly = read.closeOnly === true || read.close_only === true;
      if (read.blocked) this.#found("blocked", `orders from region ${where} are not taken`);
      else if (closeOnly) this.#found("close_only", `region ${where} may only close positions`);
      else this.#found("open", `region ${where}`);
    });
  }

  /** An order was refused for the region. Nothing is sent until the query says otherwise. */
  refused(detail: string): void {
    this.#found("blocked", detail);
    this.#later();
  }

  #later(): void {
    this.#scope.after(AGAIN_MICROS, () => this.ask());
  }

  #found(region: Region, detail: string): void {
    if (this.region === region) return;
    this.region = region;
    this.#changed(region, detail);
  }
}
