import { z } from "zod";
import { parseScaled, type SessionEnv } from "../../../src/contracts/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { tickRanges } from "../listing.ts";
import { PRICE_DIGITS } from "../scales.ts";
import { type Rest, readBody } from "./rest.ts";

const TRIES = 2;
const TickAnswer = z.object({ minimum_tick_size: z.union([z.number(), z.string()]) });

/** The venue says that a price is off the tick of this token: reads its tick and describes the book anew. */
export function refreshTick(env: SessionEnv, rest: Rest, symbol: string): void {
  const path = `/tick-size?token_id=${symbol}`;
  const call = { host: "clob", method: "GET", path, rateClass: "clob", purpose: "resync" } as const;
  rest.retrying(call, TRIES, (answer) => {
    if (!answer.ok) {
      env.report.refused(answer.failure.reason, `tick of ${symbol}: ${answer.failure.detail}`);
      return;
    }
    const read = TickAnswer.safeParse(readBody(answer.body)).data;
    const ticks = read === undefined ? null : parseScaled(String(read.minimum_tick_size), PRICE_DIGITS);
    if (ticks === null) {
      env.report.refused("feed.shape", `tick of ${symbol}`);
      return;
    }
    env.feed.describe(({ symbols }) => {
      const catalogue = catalogueOf(symbols);
      const listing = catalogue.get(symbol);
      if (listing !== undefined)
        catalogue.describe({ ...listing, tickRanges: tickRanges(ticks) }, env.clock.now());
    });
  });
}
