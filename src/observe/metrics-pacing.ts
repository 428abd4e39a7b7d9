import { counter, gauge, type MetricFamily, type Sample, summary } from "./metrics-family.ts";
import type { ClassReading, RunReading } from "./metrics-reading.ts";

const CLASS = ["venue", "class"] as const;

/** Requests and their budgets, by venue and rate class. */
export const PACING_FAMILIES: readonly MetricFamily[] = [
  gauge(
    "emp_queue_depth",
    CLASS,
    "Requests that wait for their budget.",
    each(({ waiting }) => waiting),
  ),
  counter(
    "emp_requests_sent_total",
    CLASS,
    "Requests that left.",
    each(({ sent }) => sent),
  ),
  counter(
    "emp_requests_answered_total",
    CLASS,
    "Requests that the venue answered, whatever it said.",
    each(({ answered }) => answered),
  ),
  counter(
    "emp_requests_refused_total",
    CLASS,
    "Answers that said it was too much.",
    each(({ refused }) => refused),
  ),
  counter(
    "emp_requests_timeout_total",
    CLASS,
    "Requests without an answer in time.",
    each(({ timeouts }) => timeouts),
  ),
  counter(
    "emp_requests_inside_retry_after_total",
    CLASS,
    "Requests that left while the venue had asked for silence: more than 0 is a bug.",
    each(({ insideRetryAfter }) => insideRetryAfter),
  ),
  gauge(
    "emp_requests_in_flight",
    CLASS,
    "Requests under way.",
    each(({ inFlight }) => inFlight),
  ),
  gauge(
    "emp_requests_in_flight_limit",
    CLASS,
    "Most that may be under way, as learned.",
    each(({ inFlightLimit }) => inFlightLimit),
  ),
  gauge(
    "emp_rate_learned_per_second",
    CLASS,
    "Units per second that may leave, as learned; cancels excepted.",
    each(({ learnedPerSecond }) => learnedPerSecond),
  ),
  gauge(
    "emp_rate_ceiling_per_second",
    CLASS,
    "Units per second that are never exceeded: the published limit times its safety.",
    each(({ ceilingPerSecond }) => ceilingPerSecond),
  ),
  gauge(
    "emp_rate_utilisation_ratio",
    CLASS,
    "Share of the learned rate in use.",
    each(({ utilisation }) => utilisation),
  ),
  counter(
    "emp_rate_cuts_total",
    CLASS,
    "How often the learned rate was cut.",
    each(({ cuts }) => cuts),
  ),
  gauge(
    "emp_rate_paused",
    CLASS,
    "1 while the venue has asked for silence.",
    each(({ paused }) => Number(paused)),
  ),
  summary(
    "emp_request_latency_ms",
    CLASS,
    "From a request's departure to its answer, since the start.",
    ({ venues }) =>
      venues.flatMap(({ id, classes }) => classes.map((each) => [[id, each.id], each.latency] as const)),
  ),
  summary(
    "emp_request_wait_ms",
    CLASS,
    "How long requests waited for their budget, since the start.",
    ({ venues }) =>
      venues.flatMap(({ id, classes }) => classes.map((each) => [[id, each.id], each.queued] as const)),
  ),
];

/** A sample per venue and class. */
function each(sampleOf: (rateClass: ClassReading) => number): (reading: RunReading) => readonly Sample[] {
  return ({ venues }) =>
    venues.flatMap(({ id, classes }) =>
      classes.map((rateClass) => [[id, rateClass.id], sampleOf(rateClass)] as const),
    );
}
