import { z } from "zod";
import type { Probe } from "../../../src/contracts/index.ts";
import { readBody } from "../json.ts";
import { shapeDrift } from "./shape.ts";

/** What the catalogue probe finds out for the others. */
const SLUG = "slug";

const token = z.string().regex(/^\d{1,78}$/, "a token id of up to 78 digits");
const unread = z.unknown();

/** Fields of every recorded market; those without a use here may be of any type, and may be absent. */
const marketShape = z.strictObject({
  slug: z.string(),
  title: z.string(),
  status: z.string(),
  tradeType: z.string(),
  marketType: z.string(),
  expirationTimestamp: z.number(),
  expired: z.boolean().nullish(),
  startAt: z.string().nullish(),
  tokens: z.object({ yes: token, no: token }).nullish(),
  metadata: z.looseObject({ fee: z.boolean() }),
  settings: z.looseObject({ minSize: z.string() }).nullish(),
  winningOutcomeIndex: z.number().nullish(),
  negRiskRequestId: z.string().nullish(),
  negRiskMarketId: z.string().nullish(),
  isOther: z.boolean().nullish(),
  volumeFormatted: z.string().nullish(),
  ...Object.fromEntries(
    (
      "id proxyTitle description conditionId collateralToken categories tags createdAt updatedAt creator " +
      "expirationDate hidden groupId prices tradePrices venue volume automationType imageUrl isRewardable logo " +
      "priceOracleMetadata priorityIndex stableSlug address outcomeTokens ogImageURI dailyReward orderInGroup markets"
    )
      .split(" ")
      .map((name) => [name, unread.optional()]),
  ),
});
const groupShape = marketShape.extend({
  metadata: unread.optional(),
  tradeType: unread.optional(),
  markets: z.array(marketShape),
});
const entryShape = z.unknown().superRefine((entry, context) => {
  const isGroup =
    typeof entry === "object" && entry !== null && "marketType" in entry && entry.marketType === "group";
  const issues = (isGroup ? groupShape : marketShape).safeParse(entry).error?.issues ?? [];
  for (const issue of issues) context.addIssue({ ...issue } as Parameters<typeof context.addIssue>[0]);
});
const pageShape = z.strictObject({ data: z.array(entryShape).min(1), totalMarketsCount: z.int() });

const number = z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)]);
const levels = z.array(z.strictObject({ price: number, size: number, side: unread.optional() }));
const bookShape = z.strictObject({
  bids: levels,
  asks: levels,
  tokenId: token,
  adjustedMidpoint: unread.optional(),
  maxSpread: unread.optional(),
  minSize: unread.optional(),
  lastTradePrice: unread.optional(),
});

const named = z.object({ slug: z.string() });
const learnedSchema = z.object({ data: z.array(named.extend({ markets: z.array(named).optional() })) });

/** The public requests of a session, each once, with the shapes they are expected to have. */
export const PROBES: readonly Probe[] = [
  {
    id: "active-markets",
    about: "a page of the catalogue",
    host: "rest",
    request: () => ({ method: "GET", path: "/markets/active?page=1&limit=25", body: null }),
    check: (outcome, learned) => {
      const page = learnedSchema.safeParse(outcome.kind === "answer" ? readBody(outcome.body) : null).data;
      const [slug] = (page?.data ?? []).flatMap(
        ({ slug: own, markets }) => markets?.map((each) => each.slug) ?? [own],
      );
      if (slug !== undefined) learned.set(SLUG, slug);
      return shapeDrift(outcome, pageShape);
    },
  },
  bySlug("market", "one market", "", marketShape),
  bySlug("orderbook", "one order book", "/orderbook", bookShape),
];

function bySlug(id: string, about: string, below: string, shape: z.ZodType): Probe {
  return {
    id,
    about,
    host: "rest",
    request: (learned) => {
      const slug = learned.get(SLUG);
      if (slug === undefined) return null;
      return { method: "GET", path: `/markets/${encodeURIComponent(slug)}${below}`, body: null };
    },
    check: (outcome) => shapeDrift(outcome, shape),
  };
}
