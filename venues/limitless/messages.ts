import { z } from "zod";
import { ASK, BID, parseScaled, type Reason, type Side } from "../../src/contracts/index.ts";
import { PRICE_DIGITS, PRICE_ONE, parseInstant } from "./scales.ts";

/** What the mapper reads of payloads whose numbers are text (`readExact`). Unknown fields are passed over. */

const TOKEN = /^\d{1,78}$/;
/** As the venue writes them: words, digits and dashes. */
const SLUG = /^[A-Za-z0-9_-]{1,200}$/;

const token = z.string().regex(TOKEN);
const slug = z.string().regex(SLUG);
const levels = z.array(z.object({ price: z.string(), size: z.string() }));
const bookSchema = z.object({ tokenId: token, bids: levels, asks: levels });
const updateSchema = z.object({ marketSlug: slug, orderbook: z.unknown(), timestamp: z.string().nullish() });
const resolvedSchema = z.object({
  slug,
  winningOutcome: z.string().nullish(),
  winningIndex: z.enum(["0", "1"]),
});
const tradeSchema = z.object({
  marketSlug: slug,
  side: z.enum(["BUY", "SELL"]),
  price: z.string(),
  size: z.string(),
  timestamp: z.string().nullish(),
});

export interface WireLevel {
  readonly side: Side;
  readonly ticks: number;
  readonly lots: number;
}

export interface WireBookState {
  /** The YES token. */
  readonly tokenId: string;
  readonly levels: readonly WireLevel[];
}

/** Why something was refused, and the book it is about where that can be told. */
export interface Refused {
  readonly reason: Reason;
  readonly tokenId: string | null;
  readonly slug: string | null;
}

/** The answer of `GET /markets/{slug}/orderbook`, also the `orderbook` of an update. */
export function readBook(value: unknown): WireBookState | Refused {
  const parsed = bookSchema.safeParse(value);
  if (!parsed.success) return refused("wire.missing_field", tokenOf(value));
  const { tokenId, bids, asks } = parsed.data;
  const read: WireLevel[] = [];
  for (const [side, wire] of [
    [BID, bids],
    [ASK, asks],
  ] as const) {
    const seen = new Set<number>();
    for (const { price, size } of wire) {
      const level = readLevel(side, price, size);
      if (level === null) return refused("wire.bad_number", tokenId);
      if (seen.has(level.ticks)) return refused("wire.duplicate_key", tokenId);
      seen.add(level.ticks);
      if (level.lots > 0) read.push(level);
    }
  }
  return { tokenId, levels: read };
}

export interface BookUpdate {
  readonly slug: string;
  readonly book: WireBookState;
  /** Microseconds; 0 = not stated. */
  readonly venueAt: number;
}

/** Payload of `orderbookUpdate`. */
export function readUpdate(payload: unknown): BookUpdate | Refused {
  const parsed = updateSchema.safeParse(payload);
  if (!parsed.success) {
    const inner = typeof payload === "object" && payload !== null ? payload : {};
    return refused(
      "wire.missing_field",
      "orderbook" in inner ? tokenOf(inner.orderbook) : null,
      slugOf(inner),
    );
  }
  const { marketSlug, orderbook, timestamp } = parsed.data;
  const book = readBook(orderbook);
  if ("reason" in book) return { ...book, slug: marketSlug };
  const venueAt = instantOf(timestamp);
  return venueAt === null
    ? refused("wire.bad_number", book.tokenId, marketSlug)
    : { slug: marketSlug, book, venueAt };
}

export interface Print extends WireLevel {
  readonly slug: string;
  readonly venueAt: number;
}

/** Payload of `trade`. */
export function readTrade(payload: unknown): Print | Refused {
  const parsed = tradeSchema.safeParse(payload);
  if (!parsed.success) return refused("wire.missing_field", null);
  const { marketSlug, side, price, size, timestamp } = parsed.data;
  const level = readLevel(side === "BUY" ? BID : ASK, price, size);
  const venueAt = instantOf(timestamp);
  if (level === null || level.lots === 0 || venueAt === null) return refused("wire.bad_number", null);
  return { ...level, slug: marketSlug, venueAt };
}

export interface Resolution {
  readonly slug: string;
  readonly yesPayout: "0" | "1";
}

/** Payload of `marketResolved`: index 0 is YES. A name that contradicts the index refuses it. */
export function readResolution(payload: unknown): Resolution | Refused {
  const parsed = resolvedSchema.safeParse(payload);
  if (!parsed.success) return refused("wire.missing_field", null);
  const { winningIndex, winningOutcome, slug: resolved } = parsed.data;
  const stated = ["yes", "no"].indexOf(winningOutcome?.toLowerCase() ?? "");
  if (stated !== -1 && stated !== Number(winningIndex)) return refused("wire.missing_field", null, resolved);
  return { slug: resolved, yesPayout: winningIndex === "0" ? "1" : "0" };
}

/** Null unless the price lies on the grid strictly between 0 and 1 and the size is a whole number of quanta. */
function readLevel(side: Side, price: string, size: string): WireLevel | null {
  const ticks = parseScaled(price, PRICE_DIGITS);
  const lots = parseScaled(size, 0);
  if (ticks === null || lots === null || ticks <= 0 || ticks >= PRICE_ONE || lots < 0) return null;
  return { side, ticks, lots };
}

function instantOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? 0 : parseInstant(text);
}

function refused(reason: Reason, tokenId: string | null, about: string | null = null): Refused {
  return { reason, tokenId, slug: about };
}

function tokenOf(value: unknown): string | null {
  return z.object({ tokenId: token }).safeParse(value).data?.tokenId ?? null;
}

function slugOf(value: unknown): string | null {
  return z.object({ marketSlug: slug }).safeParse(value).data?.marketSlug ?? null;
}
