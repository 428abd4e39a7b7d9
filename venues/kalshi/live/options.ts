import { z } from "zod";

const MINUTE_MS = 60_000;
const MIB = 1_048_576;

/** The `session` block of a profile for this venue. */
const optionsSchema = z.strictObject({
  /** Which of the venue's two systems; keys of one are unknown to the other. */
  environment: z.enum(["prod", "demo"]).default("prod"),
  /** The account's rate tier. */
  tier: z.enum(["basic", "advanced", "expert", "premier", "paragon", "prime", "prestige"]).default("basic"),
  /** Events asked for in one page of the catalogue. */
  pageLimit: z.int().min(1).max(200).default(200),
  /** Events beyond this many books are left out, whole. */
  maxBooks: z.int().min(1).max(500_000).default(100_000),
  /** A rediscovery reads the whole catalogue when the last whole reading is older than this, else only what changed. */
  rediscoverMs: z
    .int()
    .min(1_000)
    .default(30 * MINUTE_MS),
  /** Distance of two questions whether the exchange is open. */
  statusMs: z.int().min(1_000).default(MINUTE_MS),
  /** Least distance of two polls of one book with a key; without one the edge cache makes it 15 s. */
  keyedPollMs: z.int().min(100).default(1_000),
  /** Market data connections at most. */
  connections: z.int().min(1).max(32).default(4),
  /** Markets on one connection before the next one is opened. */
  symbolsPerConnection: z.int().min(1).max(100_000).default(2_500),
  /** Markets in one subscription command. */
  commandBatch: z.int().min(1).max(1_000).default(200),
  /** Public trades are subscribed too. */
  trades: z.boolean().default(true),
  /** Grid that the cash change of a fill is floored to: 0.0001 only for direct members. */
  balancePrecision: z.enum(["0.01", "0.0001"]).default("0.01"),
  /** A longer catalogue is not kept for the next start. */
  maxCacheBytes: z
    .int()
    .min(0)
    .default(512 * MIB),
});

/** Settings of a Kalshi session. */
export type KalshiOptions = z.output<typeof optionsSchema>;

/** @throws Error whose message names the field, what was expected and what was found. */
export function readOptions(options: unknown): KalshiOptions {
  const parsed = optionsSchema.safeParse(options ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = ["session", ...(issue?.path ?? []).map(String)].join(".");
  throw new Error(`${field}: ${issue?.message ?? "unreadable"}`);
}
