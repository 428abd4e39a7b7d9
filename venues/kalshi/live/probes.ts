import { z } from "zod";
import type { HttpOutcome, Probe, ShapeDrift } from "../../../src/contracts/index.ts";
import { parse } from "./catalogue-page.ts";
import { eventsShape, feeChangesShape, orderbooksShape, seriesShape, statusShape } from "./probe-shapes.ts";
import { shapeDrift } from "./shape.ts";

/** What the events probe finds out for the others. */
const TICKER = "ticker";
const CATEGORY = "category";

const learnedSchema = z.object({
  events: z.array(
    z.object({
      category: z.string().nullish().catch(null),
      markets: z.array(z.object({ ticker: z.string(), status: z.string().catch("") })).catch([]),
    }),
  ),
});

type Learned = Map<string, string>;

/** The public requests of a session, each once, with the shapes they are expected to have. */
export const PROBES: readonly Probe[] = [
  probe("exchange-status", "whether the exchange is open", () => "/exchange/status", statusShape),
  {
    ...probe(
      "events",
      "a page of open events with their markets",
      () => "/events?with_nested_markets=true&status=open&limit=5",
      eventsShape,
    ),
    check: (outcome, learned) => {
      learn(outcome, learned);
      return shapeDrift(outcome, eventsShape);
    },
  },
  probe(
    "series",
    "fee terms of the series of one category",
    (learned) => learnedPath(learned, CATEGORY, (category) => `/series?category=${category}`),
    seriesShape,
  ),
  probe(
    "orderbooks",
    "order books of several markets in one answer",
    (learned) => learnedPath(learned, TICKER, (ticker) => `/markets/orderbooks?tickers=${ticker}`),
    orderbooksShape,
  ),
  probe("fee-changes", "announced changes of fee terms", () => "/series/fee_changes", feeChangesShape),
];

function probe(
  id: string,
  about: string,
  path: (learned: Learned) => string | null,
  shape: z.ZodType,
): Probe {
  return {
    id,
    about,
    host: "rest",
    request: (learned) => {
      const target = path(learned);
      return target === null ? null : { method: "GET", path: target, body: null };
    },
    check: (outcome): readonly ShapeDrift[] => shapeDrift(outcome, shape),
  };
}

function learnedPath(learned: Learned, key: string, path: (value: string) => string): string | null {
  const value = learned.get(key);
  return value === undefined ? null : path(encodeURIComponent(value));
}

function learn(outcome: HttpOutcome, learned: Learned): void {
  const parsed = learnedSchema.safeParse(outcome.kind === "answer" ? parse(outcome.body) : null);
  if (!parsed.success) return;
  for (const { category, markets } of parsed.data.events) {
    const open = markets.find(({ status }) => status === "active");
    if (open !== undefined && !learned.has(TICKER)) learned.set(TICKER, open.ticker);
    if (typeof category === "string" && category !== "" && !learned.has(CATEGORY))
      learned.set(CATEGORY, category);
  }
}
