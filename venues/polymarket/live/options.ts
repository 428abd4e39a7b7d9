import { z } from "zod";

/** Most tokens of one `POST /books`. */
export const MAX_BOOKS_PER_POLL = 500;

const whole = (low: number, high: number) =>
  z
    .number({ error: `expected a whole number from ${low} to ${high}` })
    .int()
    .min(low)
    .max(high);

const SessionOptions = z.strictObject({
  /** Tokens of one market connection; the venue once stated 500. */
  assetsPerConnection: whole(1, 500).default(200),
  /** Market connections at most; five per address are said to be allowed. */
  connections: whole(1, 5).default(5),
  /** Events of one catalogue page; the venue clamps at 100. */
  pageLimit: whole(1, 100).default(100),
  /** Markets kept of the catalogue, whole events, most traded first. */
  maxMarkets: whole(1, 200_000).default(20_000),
  /** Events with less liquidity than this, in dollars, are left out. */
  minLiquidity: z.number().min(0).default(0),
  /** Bytes of catalogue pages kept for the next start; 0 = none. */
  maxCacheBytes: whole(0, 1_073_741_824).default(64 * 1_048_576),
  /** The catalogue is read again after this time; 0 = only when asked to. */
  rediscoverMs: whole(0, 86_400_000).default(0),
  /** Tokens of one poll. */
  pollBatch: whole(1, MAX_BOOKS_PER_POLL).default(100),
  /** Least time between two polls of one book. */
  minPollMs: whole(0, 3_600_000).default(1_000),
  /** Best prices, new and resolved markets on the market channel. */
  customFeatures: z.boolean().default(true),
  /** 0 the key itself, 1 Polymarket proxy, 2 Gnosis Safe. 3, the deposit wallet, is not supported. */
  signatureType: z
    .union([z.literal(0), z.literal(1), z.literal(2)], {
      error: "expected 0 (EOA), 1 (proxy) or 2 (Safe); 3 (deposit wallet) is not supported",
    })
    .default(0),
  /** 137 Polygon, 80002 its test network. */
  chain: z.union([z.literal(137), z.literal(80_002)]).default(137),
  /** `fak`: fill and kill. `gtc`: rests for a moment and is cancelled, which fills no more shares than asked. */
  takerOrders: z.enum(["fak", "gtc"]).default("fak"),
  /** Dead man's switch of the venue; 0 = off. */
  heartbeatMs: whole(0, 10_000).default(5_000),
});

/** The `session` block of a profile. */
export type PolymarketOptions = z.infer<typeof SessionOptions>;

/** @throws Error whose message names the field, what was expected and what was found. */
export function readOptions(options: unknown): PolymarketOptions {
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
