import { z } from "zod";
import type { SessionEnv } from "../../../../src/contracts/index.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import { readBody } from "../rest.ts";
import type { Account } from "./account.ts";

const TIMEOUT_MICROS = 4_000_000;
/** Beats that fail in a row before it is said: two make about the venue's ten seconds. */
const FAILURES_TO_SAY = 2;
const Beat = z.object({ heartbeat_id: z.string().nullish() });

/**
 * The venue's dead man's switch: once beats have begun, it cancels every open order when they stop. A beat names the
 * id that the last one was answered with; a refused beat is told the id that is due.
 */
export class Heartbeats {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #account: Account;
  readonly #everyMicros: number;
  #id = "";
  #failures = 0;

  constructor(env: SessionEnv, scope: Scope, account: Account, everyMicros: number) {
    this.#env = env;
    this.#scope = scope;
    this.#account = account;
    this.#everyMicros = everyMicros;
  }

  /** Beats until the scope ends. */
  start(): void {
    if (this.#everyMicros > 0) this.#beat();
  }

  #beat(): void {
    const call = {
      method: "POST",
      path: "/v1/heartbeats",
      rateClass: "ledger",
      purpose: "account",
      body: JSON.stringify({ heartbeat_id: this.#id }),
      timeoutMicros: TIMEOUT_MICROS,
    } as const;
    this.#account.call(call, (answer) => {
      const due = Beat.safeParse(readBody(answer.body)).data?.heartbeat_id;
      if (typeof due === "string") this.#id = due;
      if (answer.ok) this.#failures = 0;
      else if (++this.#failures === FAILURES_TO_SAY)
        this.#env.report.refused(answer.failure.reason, `heartbeats: ${answer.failure.detail}`);
      this.#scope.after(this.#everyMicros, () => this.#beat());
    });
  }
}
