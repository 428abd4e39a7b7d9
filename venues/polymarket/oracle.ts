import { BID, type Reason } from "../../src/contracts/index.ts";
import { readJson } from "./json.ts";
import { BadNumber, READERS, type Reading } from "./oracle-messages.ts";
import { Blame, Event, HashState, TOP_UNSTATED, type WireFrame } from "./wire-frame.ts";
import { Envelope } from "./wire-schemas.ts";

const ENCODER = new TextEncoder();

/** Messages about markets, not about the content of books. */
const WITHOUT_BOOKS: ReadonlySet<string> = new Set(["new_market", "market_resolved"]);

/**
 * The market channel through `JSON.parse` and zod: reads every message the venue documents, old forms too, and says
 * of each it cannot use why. Slow, allocates, and shares no parsing code with the scanner, whose oracle it is.
 */
export class Oracle {
  readonly #frame: WireFrame;
  readonly #symbols = new Map<string, number>();
  #used = 0;

  constructor(frame: WireFrame) {
    this.#frame = frame;
  }

  /** Reads a whole frame; null when done, else why nothing of it can be used. */
  read(bytes: Uint8Array, start: number, end: number): Reason | null {
    this.#frame.reset(new Uint8Array(end - start));
    this.#symbols.clear();
    this.#used = 0;
    const json = readJson(bytes, start, end);
    if (typeof json === "string") return json;
    const messages: readonly unknown[] = Array.isArray(json.value) ? json.value : [json.value];
    for (const message of messages) this.#message(message);
    return null;
  }

  #message(message: unknown): void {
    const envelope = Envelope.safeParse(message);
    const type = envelope.success ? envelope.data.event_type : "";
    const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
    if (read === undefined) {
      this.#refuse("wire.unknown_type", [], Blame.NAMED);
      return;
    }
    const blame = WITHOUT_BOOKS.has(type) ? Blame.NAMED : Blame.STREAM_IF_NONE;
    try {
      const reading = read(message);
      if (reading === null) this.#refuse("wire.missing_field", assetsOf(message), blame);
      else this.#add(reading);
    } catch (error) {
      if (!(error instanceof BadNumber)) throw error;
      this.#refuse("wire.bad_number", assetsOf(message), blame);
    }
  }

  #add(reading: Reading): void {
    const frame = this.#frame;
    const first = frame.opCount;
    const symbol = reading.asset === null ? -1 : this.#symbol(reading.asset);
    const state =
      reading.rare === undefined ? (reading.hash ?? HashState.OPAQUE) : frame.rare.push(reading.rare) - 1;
    frame.addEvent(reading.kind, symbol, reading.at, first, state);
    for (const op of reading.ops) {
      frame.addOp(this.#symbol(op.asset), op.side, op.ticks, op.lots, op.topBid, op.topAsk);
    }
  }

  #refuse(reason: Reason, assets: readonly string[], blame: Blame): void {
    const frame = this.#frame;
    const event = frame.addEvent(Event.REFUSED, -1, 0, frame.opCount, blame);
    frame.reasons[event] = reason;
    for (const asset of assets) frame.addOp(this.#symbol(asset), BID, 0, 0, TOP_UNSTATED, TOP_UNSTATED);
  }

  #symbol(asset: string): number {
    const known = this.#symbols.get(asset);
    if (known !== undefined) return known;
    const bytes = ENCODER.encode(asset);
    this.#frame.bytes.set(bytes, this.#used);
    const symbol = this.#frame.addSymbol(this.#used, this.#used + bytes.length, -1);
    this.#used += bytes.length;
    this.#symbols.set(asset, symbol);
    return symbol;
  }
}

/** Every book a refused message names, so that no other book has to pay for it. */
function assetsOf(message: unknown): readonly string[] {
  const named = message as Readonly<Record<"asset_id" | "assets_ids" | "price_changes", unknown>>;
  const items: readonly unknown[] = Array.isArray(named.price_changes) ? named.price_changes : [];
  const both: readonly unknown[] = Array.isArray(named.assets_ids) ? named.assets_ids : [];
  const ids = [
    named.asset_id,
    ...both,
    ...items.map((item) => (item as { readonly asset_id?: unknown } | null)?.asset_id),
  ];
  return ids.filter((id) => typeof id === "string");
}
