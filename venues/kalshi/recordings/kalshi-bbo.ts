import { z } from "zod";
import {
  ASK,
  BID,
  type RecordingReader,
  type RecordingSession,
  type RecordingSink,
} from "../../../src/contracts/index.ts";
import { PRICE_SCALE } from "../scales.ts";
import { contractLots, type PolledLevel, PollFacts } from "./poll.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });
const MAX_LINE = 4096;

/** The recorder computed cents in floats: 0.09999999999999432 is a tenth of a cent. More noise than this is refused. */
const FLOAT_NOISE = 1e-6;

const row = z.object({
  ts: z.int().min(0).max(9_000_000_000_000),
  ticker: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  yes_bid: z.number().nullable(),
  yes_ask: z.number().nullable(),
  yes_bid_sz: z.string().nullable(),
  yes_ask_sz: z.string().nullable(),
});

/** Best quotes with sizes, one market per line: each line replaces the book by its two best levels. */
export const kalshiBbo: RecordingReader = {
  id: "kalshi-bbo",
  about:
    "best quotes in cents with sizes, one market per line (ts, ticker, yes_bid, yes_ask, yes_bid_sz, yes_ask_sz)",
  unit: "line",
  open: (sink) => new BboSession(sink),
};

class BboSession implements RecordingSession {
  readonly #sink: RecordingSink;
  readonly #poll: PollFacts;
  #polledAt = -1;

  constructor(sink: RecordingSink) {
    this.#sink = sink;
    this.#poll = new PollFacts(sink, "best quote poll");
  }

  accept(bytes: Uint8Array, start: number, end: number): void {
    const parsed = end - start > MAX_LINE ? null : parse(bytes, start, end);
    if (parsed === null) {
      this.#sink.reject("import.bad_line", "expected ts, ticker, yes_bid, yes_ask, yes_bid_sz, yes_ask_sz");
      return;
    }
    const levels: PolledLevel[] = [];
    for (const [side, cents, size] of [
      [BID, parsed.yes_bid, parsed.yes_bid_sz],
      [ASK, parsed.yes_ask, parsed.yes_ask_sz],
    ] as const) {
      if (cents === null) continue;
      const ticks = centTicks(cents);
      const lots = contractLots(size ?? "");
      if (ticks === null || lots === null) {
        this.#sink.reject("wire.bad_number", `${parsed.ticker}: price or size is no exact decimal in range`);
        return;
      }
      if (lots > 0) levels.push({ side, ticks, lots });
    }
    // Lines of one instant are one poll.
    if (parsed.ts !== this.#polledAt) this.#poll.endPoll();
    this.#polledAt = parsed.ts;
    this.#poll.snapshot(parsed.ticker, levels, parsed.ts * 1000);
  }

  end(): void {
    this.#poll.endPoll();
  }
}

function centTicks(cents: number): number | null {
  const scaled = cents * 100;
  const ticks = Math.round(scaled);
  return Math.abs(scaled - ticks) > FLOAT_NOISE || ticks <= 0 || ticks >= PRICE_SCALE ? null : ticks;
}

function parse(bytes: Uint8Array, start: number, end: number): z.infer<typeof row> | null {
  try {
    const parsed = row.safeParse(JSON.parse(DECODER.decode(bytes.subarray(start, end))));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
