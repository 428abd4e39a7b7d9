import { z } from "zod";
import type { Listing, Micros } from "../../../src/contracts/index.ts";
import { DEFAULT_FEE_OPTIONS, type FeeOptions, feeVersion, type SeriesFee } from "../fees.ts";
import { type EventRecord, effectiveFee, seriesFeeOf } from "../metadata.ts";
import { rfc3339Micros } from "../time.ts";
import { parse } from "./catalogue-page.ts";

/** A series' fee terms from an instant on, as the venue announced them. */
interface FeeChange {
  readonly series: string;
  /** Null = terms that are not understood: unknown from then on, which forbids trading. */
  readonly fee: SeriesFee | null;
  readonly from: Micros;
}

const answerSchema = z.object({ series_fee_change_arr: z.array(z.unknown()).max(100_000).nullable() });
const changeSchema = z.object({
  series_ticker: z.string().max(128),
  fee_type: z.string().max(100),
  fee_multiplier: z.number(),
  scheduled_ts: z.union([z.string().max(40), z.int().positive()]),
});

/** Announced fee changes of series: they come into force without a word on any stream. */
export class ScheduledFees {
  readonly #options: FeeOptions;
  #changes: ReadonlyMap<string, readonly FeeChange[]> = new Map();

  constructor(options: Partial<FeeOptions>) {
    this.#options = { ...DEFAULT_FEE_OPTIONS, ...options };
  }

  /**
   * Takes the answer to `GET /series/fee_changes`. Only what comes into force after `since`, the instant the series'
   * own terms were read, counts.
   * @returns how many entries could not be read; null when the answer is none.
   */
  take(body: Uint8Array, since: number): number | null {
    const answer = answerSchema.safeParse(parse(body));
    if (!answer.success) return null;
    const changes = new Map<string, FeeChange[]>();
    let refused = 0;
    for (const entry of answer.data.series_fee_change_arr ?? []) {
      const change = changeOf(entry);
      if (change === null) refused++;
      else if (change.from > since)
        changes.set(change.series, [...(changes.get(change.series) ?? []), change]);
    }
    for (const list of changes.values()) list.sort((a, b) => a.from - b.from);
    this.#changes = changes;
    return refused;
  }

  /** The listing with the announced changes of its series behind the terms it has. */
  restate(listing: Listing, event: EventRecord | undefined): Listing {
    const series = event?.series_ticker ?? listing.symbol.split("-", 1)[0]!;
    const changes = this.#changes.get(series);
    if (changes === undefined) return listing;
    const versions = changes.map(({ fee, from }) =>
      feeVersion(fee === null ? null : effectiveFee(event, fee), from, "series/fee_changes", this.#options),
    );
    return { ...listing, fees: [...listing.fees, ...versions] };
  }
}

function changeOf(entry: unknown): FeeChange | null {
  const parsed = changeSchema.safeParse(entry);
  if (!parsed.success) return null;
  const { series_ticker: series, fee_type, fee_multiplier, scheduled_ts } = parsed.data;
  const from = typeof scheduled_ts === "number" ? scheduled_ts * 1_000_000 : rfc3339Micros(scheduled_ts);
  return from === null ? null : { series, fee: seriesFeeOf(fee_type, fee_multiplier), from: from as Micros };
}
