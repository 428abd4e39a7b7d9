import { ASK, BID } from "../../contracts/index.ts";
import {
  B_FLAGS,
  B_REASON,
  B_SIBLING,
  B_STANDING,
  FLAG_DEPTH_CHANGED,
  FLAG_IN_SNAPSHOT,
  FLAG_REJUDGE,
  FLAG_SNAPSHOT_DONE,
  FLAG_WITNESS_ANY,
  FLAG_WITNESSED,
  LINE_SHIFT,
} from "./book-table.ts";
import { NEVER_SEEN, TORN_SNAPSHOT, WITNESS_MISMATCH } from "./codes.ts";
import { FACT, invalidate, now, type Parts } from "./parts.ts";

/** Flags that live for one frame. */
const FRAME_FLAGS = FLAG_DEPTH_CHANGED | FLAG_SNAPSHOT_DONE | FLAG_WITNESS_ANY | FLAG_REJUDGE;

/** The end of a frame: every touched book is held against the venue's witness, counted, judged and made visible. */
export function settleFrame(parts: Parts): void {
  const { frame } = parts;
  for (let at = 0; at < frame.count; at++) settleBook(parts, at);
  frame.next();
}

function settleBook(parts: Parts, at: number): void {
  const { frame, table } = parts;
  const book = frame.books[at]!;
  const line = book << LINE_SHIFT;
  const flags = table.words[line + B_FLAGS]!;
  let mustJudge = (flags & FLAG_REJUDGE) !== 0;
  if ((flags & FLAG_WITNESSED) !== 0) mustJudge = heedWitness(parts, book) || mustJudge;
  if ((flags & FLAG_IN_SNAPSHOT) !== 0) invalidate(parts, book, TORN_SNAPSHOT);
  const isValid = table.words[line + B_REASON] === 0;
  if (isValid && (flags & (FLAG_DEPTH_CHANGED | FLAG_SNAPSHOT_DONE)) !== 0) parts.history.commit(book);
  table.words[line + B_FLAGS] = flags & ~FRAME_FLAGS;
  const hasMoved = frame.topMoved(at);
  const wasUsable = table.words[line + B_STANDING + BID] === 0 || table.words[line + B_STANDING + ASK] === 0;
  if (!hasMoved && isValid && wasUsable && !mustJudge) return;
  judge(parts, book, hasMoved, true);
  const sibling = table.words[line + B_SIBLING]!;
  if (sibling >= 0) judge(parts, sibling, hasMoved, false);
}

/** Holds the book against the venue's own best price; true when the depth began or ceased to look frozen. */
function heedWitness(parts: Parts, book: number): boolean {
  const movesBefore = parts.witness.moves(book);
  const misses = parts.witness.settle(book);
  if (misses > 0 && misses >= parts.options.firewall.witnessMismatches)
    invalidate(parts, book, WITNESS_MISMATCH);
  return parts.witness.moves(book) !== movesBefore;
}

function judge(parts: Parts, book: number, hasMoved: boolean, isFresh: boolean): void {
  const { firewall, table, families } = parts;
  const at = (book << LINE_SHIFT) + B_STANDING;
  const bidBefore = table.words[at + BID]!;
  const askBefore = table.words[at + ASK]!;
  const reasons = firewall.judge(book, isFresh);
  const bidReason = reasons & 0xffff;
  const askReason = reasons >>> 16;
  if (isFresh && firewall.isCrossed(book)) parts.tallies.crossedFrames++;
  stand(parts, book, BID, bidBefore, bidReason);
  stand(parts, book, ASK, askBefore, askReason);
  const isOrWasUsable = bidBefore === 0 || askBefore === 0 || bidReason === 0 || askReason === 0;
  if (isOrWasUsable && (hasMoved || bidBefore !== bidReason || askBefore !== askReason)) families.touch(book);
}

/** Writes a side's standing, counts a refused quote, reports a transition (never one per message). */
function stand(parts: Parts, book: number, side: number, before: number, reason: number): void {
  if (reason !== 0) parts.counters.add(parts.bookVenue[book]!, reason);
  if (before === reason) return;
  parts.table.words[(book << LINE_SHIFT) + B_STANDING + side] = reason;
  const fact = parts.clock[FACT]!;
  if (reason !== 0) parts.events.quarantine(book, side, reason, now(parts), fact);
  else if (before !== NEVER_SEEN) parts.events.release(book, side, before, now(parts), fact);
}
