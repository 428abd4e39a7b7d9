import { z } from "zod";
import { textOf } from "../json.ts";
import { NAMESPACE, readPacket } from "../packets.ts";

/** What a session itself has to know of a frame; the mapper reads all of it anyway. */
export interface FrameNotes {
  /** A whole book of this market came. */
  book(slug: string): void;
  listed(slug: string): void;
  resolved(slug: string): void;
  /** The venue complains. */
  exception(text: string): void;
}

const UPDATE = Buffer.from(`42${NAMESPACE},["orderbookUpdate"`);
const SLUG = '"marketSlug":"';
const QUOTE = 0x22;
/** Longer events than these are of no kind that is read here. */
const MAX_RARE = 4_096;
const MAX_DETAIL = 200;
const slugSchema = z.object({ slug: z.string().min(1).max(200) });

/** Book updates, by far the most frequent frames, are only searched for their slug; rare events are parsed. */
export function readNotes(bytes: Uint8Array, start: number, end: number, notes: FrameNotes): void {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  if (frame.subarray(0, UPDATE.length).equals(UPDATE)) {
    const at = frame.indexOf(SLUG);
    const close = at === -1 ? -1 : frame.indexOf(QUOTE, at + SLUG.length);
    if (close !== -1) notes.book(frame.toString("latin1", at + SLUG.length, close));
    return;
  }
  if (end - start > MAX_RARE) return;
  const packet = readPacket(textOf(bytes, start, end) ?? "");
  if (typeof packet === "string" || packet.kind !== "event") return;
  const slug = slugSchema.safeParse(packet.payload).data?.slug;
  if (packet.name === "exception")
    notes.exception((JSON.stringify(packet.payload) ?? "").slice(0, MAX_DETAIL));
  else if (packet.name === "marketCreated" && slug !== undefined) notes.listed(slug);
  else if (packet.name === "marketResolved" && slug !== undefined) notes.resolved(slug);
}
