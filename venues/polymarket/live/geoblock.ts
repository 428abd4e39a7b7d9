import { z } from "zod";
import type { SessionEnv } from "../../../src/contracts/index.ts";
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

/** Asks once whether orders from this address are taken, and remembers what orders were told. */
export class Geoblock {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  readonly #changed: (region: Region, detail: string) => void;
  region: Region = "open";

  /** @param changed told when the region turns out not to be open. */
  constructor(env: SessionEnv, rest: Rest, changed: (region: Region, detail: string) => void) {
    this.#env = env;
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
        return;
      }
      const where = [read.country, read.region].filter((part) => part).join("-") || "unknown";
      if (read.blocked) this.found("blocked", `orders from region ${where} are not taken`);
      else if (read.closeOnly || read.close_only)
        this.found("close_only", `region ${where} may only close positions`);
    });
  }

  /** A query or a refused order said so. It never opens again within a session. */
  found(region: Region, detail: string): void {
    if (region === "open" || this.region === "blocked" || this.region === region) return;
    this.region = region;
    this.#changed(region, detail);
  }
}
