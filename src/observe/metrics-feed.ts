import {
  byReason,
  counter,
  gauge,
  type MetricFamily,
  one,
  type Sample,
  summary,
  type ValueFamily,
} from "./metrics-family.ts";
import type { RunReading, VenueReading } from "./metrics-reading.ts";

/** Messages that carry nothing, or what another message carries too: not used, and no trouble. */
const HARMLESS: ReadonlySet<string> = new Set(["wire.no_content", "wire.mirror"]);
/** Input that was left out for want of room, or because it was late or double. */
const DROPPED: ReadonlySet<string> = new Set([
  "feed.overflow",
  "book.overflow",
  "wire.too_large",
  "seq.duplicate",
  "seq.reordered",
]);
/** Requests that found their queue full; sessions repeat it as a refusal, the governor counts it once. */
const QUEUE_FULL = "feed.queue_full";

const VENUE = ["venue"] as const;

/** Connections, books and delays, by venue. */
export const FEED_FAMILIES: readonly MetricFamily[] = [
  gauge(
    "emp_connectivity",
    VENUE,
    "1 while the venue answers or streams (up or degraded), 0 while it is down.",
    each(({ status }) => (status === "down" ? 0 : 1)),
  ),
  gauge(
    "emp_connections_open",
    VENUE,
    "Open streams.",
    each(({ connections }) => connections.open),
  ),
  counter(
    "emp_reconnects_total",
    VENUE,
    "Streams opened anew after a loss.",
    each(({ reconnects }) => reconnects),
  ),
  gauge(
    "emp_staleness_ms",
    VENUE,
    "Since the last byte on the quietest open stream; absent without one.",
    each(({ stalenessMs }) => stalenessMs),
  ),
  gauge(
    "emp_poll_age_ms",
    VENUE,
    "Since the last poll of the book that waits longest; absent where books are streamed.",
    each(({ pollAgeMs }) => pollAgeMs),
  ),
  gauge(
    "emp_clock_skew_ms",
    VENUE,
    "Clock of the venue minus ours; absent while unknown.",
    each(({ clockSkewMs }) => clockSkewMs),
  ),
  gauge(
    "emp_books",
    ["venue", "state"],
    "Books listed as open, watched, wanted (watched and open) and usable (of these, exact and fresh).",
    ({ venues }) =>
      venues.flatMap(({ id, books }) =>
        (["listed", "watched", "wanted", "usable"] as const).map((state) => [[id, state], books[state]]),
      ),
  ),
  gauge(
    "emp_coverage_ratio",
    VENUE,
    "Usable over wanted books; absent while none is wanted.",
    each(({ books }) => (books.wanted === 0 ? null : books.usable / books.wanted)),
  ),
  gauge(
    "emp_frames_per_second",
    VENUE,
    "Frames judged, over the last five seconds.",
    each(({ framesPerSecond }) => framesPerSecond),
  ),
  summary(
    "emp_venue_delay_ms",
    VENUE,
    "Our receipt minus the venue's own instant, since the start; absent where the venue states none.",
    ({ venues }) => venues.flatMap(({ id, delay }) => (delay === null ? [] : [[[id], delay] as const])),
  ),
  counter(
    "emp_reasons_total",
    ["venue", "reason"],
    "Everything that was refused, not used or judged invalid, by reason code.",
    ({ venues }) => venues.flatMap(({ id, reasons }) => byReason(id, reasons)),
  ),
  counter(
    "emp_rejects_total",
    ["venue", "reason"],
    "Messages of the venue that could not be read.",
    where((reason) => reason.startsWith("wire.") && !HARMLESS.has(reason)),
  ),
  counter(
    "emp_drops_total",
    ["venue", "reason"],
    "Input left out for want of room or order, and requests that found their queue full.",
    (reading) => [...where((reason) => DROPPED.has(reason))(reading), ...requestsDropped(reading)],
  ),
  counter(
    "emp_gaps_total",
    VENUE,
    "Books that lost their validity by a gap in their stream.",
    each(({ reasons }) => reasons["book.gap"] ?? 0),
  ),
  counter(
    "emp_reconciled_total",
    ["venue", "verdict"],
    "Streamed books compared with polled ones.",
    ({ venues }) => venues.flatMap(({ id, reconciled }) => byReason(id, reconciled ?? {})),
  ),
  counter(
    "emp_polls_total",
    VENUE,
    "Polls for books that were answered.",
    each(({ polls }) => polls.answered),
  ),
  counter(
    "emp_polled_books_total",
    VENUE,
    "Books that came with polls.",
    each(({ polls }) => polls.books),
  ),
];

/** All venues together. */
export const MARKET_FAMILIES: readonly MetricFamily[] = [
  counter("emp_facts_total", [], "Facts judged.", ({ market }) => one(market?.facts ?? null)),
  counter("emp_frames_total", [], "Frames judged.", ({ market }) => one(market?.frames ?? null)),
  counter("emp_trades_total", [], "Trades of the market seen.", ({ market }) => one(market?.trades ?? null)),
  counter("emp_sequence_gaps_total", [], "Gaps in the sequence numbers of streams.", ({ market }) =>
    one(market?.sequenceGaps ?? null),
  ),
  gauge("emp_books_valid", [], "Books that are exact.", ({ market }) => one(market?.booksValid ?? null)),
  gauge("emp_quotes_barred", ["reason"], "Sides of books that are quarantined now.", ({ market }) =>
    Object.entries(market?.barred ?? {}).map(([reason, count]) => [[reason], count]),
  ),
  summary(
    "emp_judge_ms",
    [],
    "From a frame's receipt to the end of its judgement, since the start.",
    ({ market }) => (market === null || market.judge === null ? [] : [[[], market.judge]]),
  ),
];

/** A sample per venue; null = none. */
function each(sampleOf: (venue: VenueReading) => number | null): ValueFamily["samples"] {
  return ({ venues }) =>
    venues.flatMap((venue) => {
      const value = sampleOf(venue);
      return value === null ? [] : [[[venue.id], value] as const];
    });
}

/** The counts by venue of the reasons that `wanted` picks. */
function where(wanted: (reason: string) => boolean): (reading: RunReading) => readonly Sample[] {
  return ({ venues }) =>
    venues.flatMap(({ id, reasons }) => byReason(id, reasons).filter(([[, reason]]) => wanted(reason!)));
}

function requestsDropped({ venues }: RunReading): readonly Sample[] {
  return venues.map(({ id, classes }) => [
    [id, QUEUE_FULL],
    classes.reduce((sum, { dropped }) => sum + dropped, 0),
  ]);
}
