import { z } from "zod";

const whole = (low: number, high: number) =>
  z
    .number({ error: `expected a whole number from ${low} to ${high}` })
    .int()
    .min(low)
    .max(high);

/** What the venue does not publish is a setting here, with the cautious reading as its default. */
const SessionOptions = z.strictObject({
  /** Entries of one catalogue page; the SDK states 25 as the most. */
  pageLimit: whole(1, 25).default(25),
  /** Markets kept of the catalogue, whole entries in the venue's order. */
  maxMarkets: whole(1, 100_000).default(5_000),
  /** Bytes of catalogue pages kept for the next start; 0 = none. */
  maxCacheBytes: whole(0, 1_073_741_824).default(64 * 1_048_576),
  /** Market connections at most, and markets of one of them; neither bound is published. */
  connections: whole(1, 16).default(4),
  marketsPerConnection: whole(1, 2_000).default(250),
  /** Least time between two polls of one book. */
  minPollMs: whole(0, 3_600_000).default(1_000),
  /** A subscribed book that did not come after this time is fetched over REST. */
  awaitBookMs: whole(100, 600_000).default(5_000),
  /** Take new and resolved markets from the life-cycle channel. */
  lifecycle: z.boolean().default(true),
  /**
   * Basis points of the bought shares that a taker pays where fees are on. The venue publishes no curve: without this
   * assumption the fee is unknown and nothing is traded.
   */
  assumedTakerFeeBps: z
    .string()
    .regex(/^\d{1,4}(\.\d{1,6})?$/, 'expected decimal text of basis points, such as "150"')
    .nullable()
    .default(null),
});

/** The `session` block of a profile. */
export type LimitlessOptions = z.infer<typeof SessionOptions>;

/** @throws Error whose message names the field, what was expected and what was found. */
export function readOptions(options: unknown): LimitlessOptions {
  const parsed = SessionOptions.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = ["session", ...issue.path].join(".");
  const found = issue.path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    options,
  );
  throw new Error(`${field}: ${issue.message}, found ${JSON.stringify(found) ?? "nothing"}`);
}
