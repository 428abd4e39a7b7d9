import { z } from "zod";
import type { SessionEnv } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { parse } from "./catalogue-page.ts";
import type { Rest } from "./rest.ts";
import type { StatusBoard } from "./status-board.ts";

/** Unanswered questions in a row before the venue counts as unreachable. */
const MISSES = 3;

const exchangeStatusSchema = z.object({ exchange_active: z.boolean(), trading_active: z.boolean() });

/** Asks now and then whether the exchange is open: a pause on Thursdays, or a halt, says nothing on any book. */
export class ExchangeStatus {
  readonly #env: SessionEnv;
  readonly #scope: Scope;
  readonly #rest: Rest;
  readonly #board: StatusBoard;
  readonly #everyMicros: number;
  #misses = 0;

  constructor(env: SessionEnv, scope: Scope, rest: Rest, board: StatusBoard, everyMs: number) {
    this.#env = env;
    this.#scope = scope;
    this.#rest = rest;
    this.#board = board;
    this.#everyMicros = everyMs * 1_000;
  }

  start(): void {
    this.#rest.call({ method: "GET", path: "/exchange/status", purpose: "discovery" }, (answer) => {
      if (answer.ok) this.#read(answer.body);
      else {
        this.#env.report.refused(answer.failure.reason, `exchange status: ${answer.failure.detail}`);
        if (++this.#misses >= MISSES) this.#board.problem("rest", "down", answer.failure.reason);
      }
      this.#scope.after(this.#everyMicros, () => this.start());
    });
  }

  #read(body: Uint8Array): void {
    const status = exchangeStatusSchema.safeParse(parse(body));
    if (!status.success) {
      this.#env.report.refused("feed.shape", "exchange status");
      return;
    }
    this.#misses = 0;
    this.#board.fine("rest");
    if (!status.data.exchange_active) this.#board.problem("exchange", "down", "the exchange is closed");
    else if (!status.data.trading_active) this.#board.problem("exchange", "degraded", "trading is paused");
    else this.#board.fine("exchange");
  }
}
