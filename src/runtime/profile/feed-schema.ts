import { z } from "zod";
import { count, durationMs, fraction, permille } from "./fields.ts";

/** How a connected run observes its venues. Nothing here decides a trade. */
export const feedSection = z.strictObject({
  /** Distance of the shell's own rounds: alarms, polls, watchdogs. */
  tickMs: count(5, 10_000).default(50),
  /** A venue that shows no progress for this long while starting ends the run with its name and stage. */
  startTimeoutMs: durationMs(100).default(60_000),
  rediscoverMs: durationMs(1_000).default(300_000),
  /** Catalogue pages of an earlier run are used at start up to this age; 0 = never. */
  cacheMaxAgeMs: durationMs().default(86_400_000),
  /** Most books watched per venue, by traded money of the last day. */
  maxWatched: count(1, 200_000).default(2_000),
  /** Whatever the index says, no watched book stays unpolled longer, where it is polled at all. */
  maxPollAgeMs: durationMs(1_000).default(300_000),
  /** Distance between two comparisons of a streamed book with a polled one, per venue; 0 = none. */
  reconcileEveryMs: durationMs().default(2_000),
  /** Invalid books are fetched anew in batches of this distance. */
  repairEveryMs: durationMs(10).default(250),
  /** Share of the watched books that must be usable; below it the venue is repaired, and said. */
  minCoverage: fraction().default("0.9"),
  /** A round that starts this much late means that input waits: size zero until it does not. */
  maxLagMs: durationMs(10).default(500),
  /** Memory at which books are shed. */
  maxMemoryMiB: count(256, 1_048_576).default(4_096),
  /** Clocks that differ more are reported. */
  maxSkewMs: durationMs(10).default(2_000),
});

/** Where lanes look. */
export const scanSection = z.strictObject({
  /** `inline`: in the main thread, before the next fact; `threads`: one worker per lane. */
  host: z.enum(["inline", "threads"]).default("inline"),
  /** A lane in a thread that has not answered by then is left out of its cycle. */
  budgetMs: durationMs(1).default(50),
  /** This many late or failed cycles in a row pause a lane. */
  maxFailures: count(1, 1_000).default(5),
  /** A paused lane is tried again after this. */
  retryMs: durationMs(10).default(5_000),
});

/** The market behind `--venues=embedded`: venue servers inside EMP, on their own wire over real sockets. */
export const embeddedSection = z.strictObject({
  marketsPerVenue: count(4, 100_000).default(120),
  /** Share of a venue's markets whose question is listed at another venue too, with coherent prices. */
  coherentShare: permille().default("0.25"),
  eventsPerSecond: count(1, 100_000).default(300),
  /** Mean distances; 0 = none. */
  plantEveryMs: durationMs().default(15_000),
  crossEveryMs: durationMs().default(30_000),
  decoyEveryMs: durationMs().default(20_000),
  eventLifeMs: durationMs(10_000).default(1_800_000),
  faultEveryMs: durationMs().default(0),
  /** The venues enforce their published limits. */
  rateLimits: z.boolean().default(true),
  /** The run gets a key to each venue, as a user with an account would have. */
  keys: z.boolean().default(true),
});

/** `/metrics`, `/health` and `/status` of a connected run; see docs/metrics.md. */
export const statusSection = z.strictObject({
  /** 0 = off. */
  port: count(0, 65_535).default(0),
  /** Address it listens on. Nothing is asked of who connects: leave it on loopback, or put something in front. */
  host: z.string().min(1).max(253).default("127.0.0.1"),
});
