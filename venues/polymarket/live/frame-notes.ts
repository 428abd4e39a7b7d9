import { z } from "zod";
import { readBody } from "./rest.ts";

/** What a session itself has to know of a market-channel frame; the mapper reads all of it anyway. */
export interface FrameNotes {
  /** A whole book of this token came. */
  book(token: string): void;
  /** The grid of this token changed; a book should follow. */
  tick(token: string): void;
  listed(market: NewMarket): void;
  /** The market of these tokens settled. */
  resolved(tokens: readonly string[]): void;
}

export interface NewMarket {
  readonly conditionId: string;
  readonly tokens: readonly [string, string];
  /** Gamma's id of its event; empty = not stated. */
  readonly event: string;
}

const LISTED = "new_market";
const RESOLVED = "market_resolved";
const TICK = "tick_size_change";
const BIDS = '"bids"';
const ASSET_KEY = '"asset_id"';
/** A price change as the venue writes it: `{"market":"0x…64…","price_changes"`. */
const HEAD = Buffer.from('{"market":"0x');
const ITEMS = Buffer.from('","price_changes"');
const ITEMS_AT = HEAD.length + 64;

const COLON = 0x3a;
const QUOTE = 0x22;
const SPACE = 0x20;

const Rare = z.discriminatedUnion("event_type", [
  z.object({
    event_type: z.literal(LISTED),
    market: z.string().min(1),
    assets_ids: z.tuple([z.string().regex(/^\d{1,78}$/), z.string().regex(/^\d{1,78}$/)]),
    event_message: z
      .object({ id: z.union([z.string(), z.number()]) })
      .nullish()
      .catch(null),
  }),
  z.object({ event_type: z.literal(RESOLVED), assets_ids: z.array(z.string()).max(16) }),
  z.object({ event_type: z.literal(TICK), asset_id: z.string() }),
]);

/**
 * Looks through a frame for what the session acts on. Level changes, by far the most frequent frames, are passed over
 * by their first bytes; other frames are searched for a few words and only rare ones are parsed.
 */
export function readNotes(bytes: Uint8Array, start: number, end: number, notes: FrameNotes): void {
  if (holds(bytes, start, end, HEAD) && holds(bytes, start + ITEMS_AT, end, ITEMS)) return;
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  if (frame.includes(LISTED) || frame.includes(RESOLVED) || frame.includes(TICK)) readRare(frame, notes);
  if (frame.includes(BIDS)) readBooks(frame, notes);
}

function holds(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (at + word.length > end) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** Tokens of every book of a frame: each names its token once. */
function readBooks(frame: Buffer, notes: FrameNotes): void {
  for (let at = frame.indexOf(ASSET_KEY); at !== -1; at = frame.indexOf(ASSET_KEY, at)) {
    at += ASSET_KEY.length;
    while (frame[at] === COLON || frame[at] === SPACE) at++;
    if (frame[at] !== QUOTE) continue;
    const close = frame.indexOf(QUOTE, at + 1);
    if (close === -1) return;
    notes.book(frame.toString("latin1", at + 1, close));
    at = close;
  }
}

function readRare(frame: Buffer, notes: FrameNotes): void {
  const value = readBody(frame);
  for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const rare = Rare.safeParse(message).data;
    switch (rare?.event_type) {
      case LISTED:
        notes.listed({
          conditionId: rare.market,
          tokens: rare.assets_ids,
          event: String(rare.event_message?.id ?? ""),
        });
        break;
      case RESOLVED:
        notes.resolved(rare.assets_ids);
        break;
      case TICK:
        notes.tick(rare.asset_id);
        break;
      case undefined:
    }
  }
}
