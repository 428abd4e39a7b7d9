import { z } from "zod";
import type { HttpOutcome, Probe, ShapeDrift } from "../../../src/contracts/index.ts";
import { bookShape, eventPageShape, geoblockShape, marketShape, versionShape } from "./probe-shapes.ts";
import { readBody } from "./rest.ts";
import { driftOf } from "./shape.ts";

type Learned = Map<string, string>;
type Shape = Parameters<typeof driftOf>[1];

/** What the catalogue's probe finds out for the others. */
const TOKEN = "token";
const CONDITION = "condition";

const WithMarkets = z.object({
  events: z.array(
    z.object({
      markets: z
        .array(
          z.object({
            conditionId: z.string(),
            clobTokenIds: z.string().nullish().catch(null),
            acceptingOrders: z.boolean().nullish().catch(null),
            enableOrderBook: z.boolean().nullish().catch(null),
          }),
        )
        .catch([]),
    }),
  ),
});

/** The public requests of a session, each once, with the shapes they are expected to have. */
export const PROBES: readonly Probe[] = [
  {
    ...get(
      "gamma-events",
      "gamma",
      "a page of the catalogue",
      "/events/keyset?closed=false&limit=5",
      eventPageShape,
    ),
    check: (outcome, learned) => {
      learn(outcome, learned);
      return driftOf(outcome, eventPageShape);
    },
  },
  {
    id: "gamma-market",
    about: "one market by its condition",
    host: "gamma",
    request: (learned) => {
      const condition = learned.get(CONDITION);
      if (condition === undefined) return null;
      return { method: "GET", path: `/markets/keyset?condition_ids=${condition}&limit=1`, body: null };
    },
    check: (outcome) => driftOf(outcome, { needs: { markets: [marketShape] }, may: { next_cursor: "text" } }),
  },
  get("clob-time", "clob", "the CLOB's clock, in seconds", "/time", "amount"),
  {
    ...get("clob-version", "clob", "the order version in force", "/version", versionShape),
    check: (outcome) => versionDrift(outcome),
  },
  {
    id: "clob-book",
    about: "one order book",
    host: "clob",
    request: (learned) => {
      const token = learned.get(TOKEN);
      return token === undefined ? null : { method: "GET", path: `/book?token_id=${token}`, body: null };
    },
    check: (outcome) => driftOf(outcome, bookShape),
  },
  {
    id: "clob-books",
    about: "order books by the batch",
    host: "clob",
    request: (learned) => {
      const token = learned.get(TOKEN);
      if (token === undefined) return null;
      return { method: "POST", path: "/books", body: JSON.stringify([{ token_id: token }]) };
    },
    check: (outcome) => driftOf(outcome, [bookShape]),
  },
  get("geoblock", "geo", "whether orders from here are taken", "/api/geoblock", geoblockShape),
];

function get(id: string, host: string, about: string, path: string, shape: Shape): Probe {
  return {
    id,
    about,
    host,
    request: () => ({ method: "GET", path, body: null }),
    check: (outcome) => driftOf(outcome, shape),
  };
}

/** Stated bare or in an object; orders are signed for versions 2 and 3 only. */
function versionDrift(outcome: HttpOutcome): readonly ShapeDrift[] {
  const value = outcome.kind === "answer" ? readBody(outcome.body) : undefined;
  const bare = typeof value === "number";
  const drifts = bare ? [] : driftOf(outcome, versionShape);
  const version = bare ? value : (value as { readonly version?: unknown } | undefined)?.version;
  if (drifts.some(({ breaks }) => breaks) || version === 2 || version === 3) return drifts;
  return [...drifts, { path: "version", expected: "2 or 3", found: String(version), breaks: true }];
}

/** A market with a book, if there is one on the page. */
function learn(outcome: HttpOutcome, learned: Learned): void {
  const page = WithMarkets.safeParse(outcome.kind === "answer" ? readBody(outcome.body) : null).data;
  for (const market of page?.events.flatMap(({ markets }) => markets) ?? []) {
    const token = /\d{1,78}/.exec(market.clobTokenIds ?? "")?.[0];
    if (token === undefined || market.acceptingOrders !== true || market.enableOrderBook !== true) continue;
    learned.set(TOKEN, token);
    learned.set(CONDITION, market.conditionId);
    return;
  }
}
