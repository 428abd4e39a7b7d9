import type { EmbeddedEvent, EventSpec, VenueId } from "../../../src/contracts/index.ts";
import { effectiveFee, eventSchema, listingOf, marketSchema, seriesFeeOf } from "../metadata.ts";
import { type EventRecords, recordsOf } from "./records.ts";
import { rfc3339 } from "./values.ts";

/**
 * A question as this venue lists it. The listings are read from the very records that the server will serve, by the
 * reader that the adapter uses: so both sides agree on ticks, lots, fees and instants.
 */
export function listEvent(spec: EventSpec, venue: VenueId): EmbeddedEvent {
  const records = recordsOf(spec);
  const { eventTicker, fees } = records;
  const event = eventSchema.parse(records.event);
  const fee = effectiveFee(event, seriesFeeOf(fees.type, fees.multiplier));
  return {
    id: eventTicker,
    spec,
    markets: records.markets.map((fixed, outcome) => {
      const market = marketSchema.parse({ ...fixed, ...opening(spec, records) });
      const id = market.ticker;
      const listing = { ...listingOf(market, fee), market: `${venue}:${id}` };
      return { symbol: id, mirrorSymbol: null, id, event: eventTicker, outcome, listing };
    }),
  };
}

/** What a market record says beside its fixed part when it opens, as far as a listing depends on it. */
function opening(spec: EventSpec, { grid }: EventRecords): Readonly<Record<string, unknown>> {
  return {
    status: "active",
    close_time: rfc3339(spec.closesAt),
    price_ranges: grid.ranges,
    volume_fp: "0.00",
  };
}
