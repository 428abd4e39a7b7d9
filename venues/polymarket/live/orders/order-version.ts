import { z } from "zod";
import type { SessionEnv } from "../../../../src/contracts/index.ts";
import { type Rest, readBody } from "../rest.ts";
import type { OrderVersion } from "../signing/contracts.ts";

const TRIES = 4;
const VersionAnswer = z.union([
  z.number().int(),
  z.object({ version: z.number().int() }).transform(({ version }) => version),
]);

/** The order version the venue takes. */
export class VersionInForce {
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  #version: number | null = null;
  #waiting: ((version: OrderVersion | null) => void)[] = [];

  constructor(env: SessionEnv, rest: Rest) {
    this.#env = env;
    this.#rest = rest;
  }

  /** Null: not known yet, or none that this adapter signs. */
  get current(): OrderVersion | null {
    return this.#version === 2 || this.#version === 3 ? this.#version : null;
  }

  /** A market of the second protocol takes orders of the third version, whatever the others take. */
  of(marketVersion: string | null): OrderVersion | null {
    return this.current !== null && marketVersion === "v2" ? 3 : this.current;
  }

  /** Asks the venue; calls while it is asked wait for the same answer. */
  refresh(done: (version: OrderVersion | null) => void): void {
    this.#waiting.push(done);
    if (this.#waiting.length > 1) return;
    const call = {
      host: "clob",
      method: "GET",
      path: "/version",
      rateClass: "clob",
      purpose: "order",
    } as const;
    this.#rest.retrying(call, TRIES, (answer) => {
      const read = answer.ok ? VersionAnswer.safeParse(readBody(answer.body)).data : undefined;
      if (read !== undefined) this.#version = read;
      if (!answer.ok)
        this.#env.report.refused(answer.failure.reason, `order version: ${answer.failure.detail}`);
      else if (this.current === null)
        this.#env.report.refused(
          "feed.version",
          `order version ${read ?? "unreadable"} is not one that is signed here`,
        );
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) each(this.current);
    });
  }
}
