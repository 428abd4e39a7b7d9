import { createHash } from "node:crypto";
import type { BookId, Evidence, Family, Label } from "../../src/contracts/index.ts";
import type { EventRecord, MarketRecord } from "./metadata.ts";
import { type PartitionProof, provePartition, type StrikeClaim } from "./partition.ts";

/** One event with its listed markets and the books they were given, in the same order. */
export interface EventMarkets {
  readonly eventTicker: string;
  readonly event: EventRecord | undefined;
  readonly markets: readonly MarketRecord[];
  readonly books: readonly BookId[];
}

/**
 * An event as a family. Exclusive is what the venue says (`mutually_exclusive`), or what the strikes prove.
 * Exhaustive is `unknown` unless the strikes prove a partition: an exclusive list may lack the outcome that happens.
 */
export function familyOf({ eventTicker, event, markets, books }: EventMarkets): Family {
  const proof = partitionOf(markets);
  return {
    id: `kalshi:${eventTicker}`,
    kind: "event",
    venue: "kalshi",
    title: [event?.title, event?.sub_title].filter(Boolean).join(" | ") || eventTicker,
    members: books,
    unquoted: [],
    exclusive: exclusiveOf(event, markets, proof),
    exhaustive: proof.proved
      ? evidence("yes", "strikes tile the line", proof.text)
      : evidence("unknown", "no proof of a partition", proof.why),
    atMost: null,
    transforms: [],
  };
}

function partitionOf(markets: readonly MarketRecord[]): PartitionProof {
  const scalar = markets.find(
    ({ market_type: type }) => type !== "binary" && type !== null && type !== undefined,
  );
  if (scalar !== undefined) return { proved: false, why: `${scalar.ticker} is not binary` };
  return provePartition(markets.map(claimOf));
}

function claimOf(market: MarketRecord): StrikeClaim {
  const digits = market.custom_strike?.["round_digits"];
  return {
    symbol: market.ticker,
    strikeType: market.strike_type ?? null,
    floor: decimalOf(market.floor_strike),
    cap: decimalOf(market.cap_strike),
    subtitle: market.yes_sub_title ?? market.subtitle ?? "",
    roundDigits: typeof digits === "string" && /^\d$/.test(digits) ? Number(digits) : null,
  };
}

/** The decimal text of a JSON number in its shortest form. */
function decimalOf(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function exclusiveOf(
  event: EventRecord | undefined,
  markets: readonly MarketRecord[],
  proof: PartitionProof,
): Evidence {
  const stated = event?.mutually_exclusive;
  if (markets.some(({ market_type: type }) => type === "scalar"))
    return evidence(
      "unknown",
      "a scalar market pays fractions",
      JSON.stringify(markets.map((m) => m.ticker)),
    );
  if (typeof stated === "boolean") {
    const { event_ticker, mutually_exclusive, collateral_return_type } = event!;
    const said = JSON.stringify({ event_ticker, mutually_exclusive, collateral_return_type });
    return evidence(stated ? "yes" : "no", "event.mutually_exclusive", said);
  }
  return proof.proved
    ? evidence("yes", "strikes tile the line", proof.text)
    : evidence("unknown", "the venue does not say", proof.why);
}

/** A label with the SHA-256 of the text it rests on. */
function evidence(label: Label, source: string, text: string): Evidence {
  const hash = createHash("sha256").update(text).digest("hex");
  return { label, source, hash, expiresAt: null };
}
