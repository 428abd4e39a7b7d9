import { describe, expect, it } from "vitest";
import type { HttpOutcome, Micros, Probe } from "../../../src/contracts/index.ts";
import { PROBES } from "./probes.ts";
import { event, market, series } from "./testing/fixture.ts";

const AT = 0 as Micros;

function reply(body: unknown, status = 200): HttpOutcome {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  return { kind: "answer", status, headers: {}, body: bytes, sentAt: AT, at: AT };
}

const probe = (id: string): Probe => PROBES.find((each) => each.id === id)!;
const check = (id: string, body: unknown, learned = new Map<string, string>()) =>
  probe(id).check(reply(body), learned);

const EVENTS = {
  events: [event("KXA-26", [market("KXA-26-C", { status: "closed" }), market("KXA-26-X")])],
  cursor: "",
};
const GOOD: readonly (readonly [string, unknown])[] = [
  ["exchange-status", { exchange_active: true, trading_active: false }],
  ["events", EVENTS],
  ["series", series("KXA")],
  [
    "orderbooks",
    {
      orderbooks: [
        { ticker: "KXA-26-X", orderbook_fp: { yes_dollars: [["0.4000", "1.00"]], no_dollars: [] } },
      ],
    },
  ],
  ["fee-changes", { series_fee_change_arr: [] }],
];

describe("probes", () => {
  it("ask for every public endpoint of a session once, later ones with what earlier ones learned", () => {
    const learned = new Map<string, string>();
    const paths = PROBES.map((each) => {
      const request = each.request(learned);
      each.check(reply(GOOD.find(([id]) => id === each.id)![1]), learned);
      return request?.path;
    });
    expect(paths).toEqual([
      "/exchange/status",
      "/events?with_nested_markets=true&status=open&limit=5",
      "/series?category=Sports",
      "/markets/orderbooks?tickers=KXA-26-X",
      "/series/fee_changes",
    ]);
    expect(PROBES.every(({ host }) => host === "rest")).toBe(true);
  });

  it("are left out when nothing was learned for them", () => {
    expect(probe("orderbooks").request(new Map())).toBeNull();
    expect(probe("series").request(new Map())).toBeNull();
  });

  it.each(GOOD)("%s as expected has no drift", (id, body) => {
    expect(check(id, body)).toEqual([]);
  });

  it("a new field breaks nothing, a missing or changed one does; the same drift of many entries is one", () => {
    const odd = (ticker: string) => market(ticker, { mood: "good", price_ranges: undefined, volume_fp: 7 });
    const body = { events: [event("KXA-26", [odd("KXA-26-X"), odd("KXA-26-Y")])], paging: {} };
    const drifts = check("events", body);
    expect(drifts.map(({ path, breaks, found }) => [path, breaks, found]).sort()).toEqual([
      ["events[].markets[].mood", false, 'text "good"'],
      ["events[].markets[].price_ranges", true, "nothing"],
      ["events[].markets[].volume_fp", true, "number"],
      ["paging", false, "object"],
    ]);
  });

  it("a new fee type is drift: its fees would be unknown", () => {
    const body = { series: [{ ticker: "KXA", fee_type: "cubic", fee_multiplier: 1 }] };
    expect(check("series", body)).toMatchObject([
      { path: "series[].fee_type", breaks: true, found: 'text "cubic"' },
    ]);
  });

  it.each([
    ["a page", reply("<html>", 200), "HTTP 200: a web page"],
    ["a refusal", reply({ error: "too many requests" }, 429), "HTTP 429: too many requests"],
    ["no JSON", reply("ok"), "another body"],
    [
      "nothing",
      { kind: "none", why: "timeout", detail: "", sent: true, sentAt: AT, at: AT } as const,
      "timeout",
    ],
  ])("%s is said in one line", (_name, outcome, found) => {
    for (const each of PROBES)
      expect(each.check(outcome, new Map())).toMatchObject([{ path: "", found, breaks: true }]);
  });
});
