import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedDir } from "../../tests/shared.ts";
import { parseClobMarket } from "./clob-markets.ts";

const shared = sharedDir();
const parse = (value: unknown) => parseClobMarket(value, "polymarket");

const LONG = {
  condition_id: "0x1",
  question: "Will it rain?",
  tokens: [
    { token_id: "11", outcome: "Yes", winner: false },
    { token_id: "12", outcome: "No", winner: false },
  ],
  active: true,
  closed: false,
  archived: false,
  accepting_orders: true,
  enable_order_book: true,
  minimum_tick_size: 0.001,
  minimum_order_size: 15,
};

const COMPACT = {
  c: "0x1",
  t: [
    { t: "11", o: "Yes" },
    { t: "12", o: "No" },
  ],
  mts: 0.01,
  mos: 5,
  ao: true,
};

describe("a CLOB market", () => {
  it("in the long form has terms but no fee, so nothing trades on it", () => {
    expect(parse(LONG)?.listing).toMatchObject({
      symbol: "11",
      mirrorSymbol: "12",
      status: "open",
      minLots: 15_000_000,
      tickRanges: [{ stepTicks: 10 }],
      fees: [{ spec: { type: "unknown" } }],
    });
  });

  it("in the compact form has fees where it states them, and is at best unknown", () => {
    const fd = { r: 0.05, e: 1, to: true };
    expect(parse({ ...COMPACT, fd })?.listing).toMatchObject({
      status: "unknown",
      fees: [{ spec: { type: "quadratic", rate: "0.05", exponent: 1, takerOnly: true } }],
    });
    expect(parse(COMPACT)?.listing?.fees[0]?.spec.type).toBe("unknown");
    expect(parse({ ...COMPACT, ao: false })?.listing?.status).toBe("paused");
  });

  it("names its winner once closed", () => {
    const tokens = [LONG.tokens[0], { ...LONG.tokens[1], winner: true }];
    expect(parse({ ...LONG, closed: true, tokens })).toMatchObject({
      yesPayout: "0",
      listing: { status: "resolved" },
    });
    expect(parse({ ...LONG, closed: true })).toMatchObject({
      yesPayout: null,
      listing: { status: "closed" },
    });
    expect(parse({ ...LONG, tokens })?.yesPayout).toBeNull();
  });

  it("without two tokens has no book, and anything else is no market", () => {
    expect(parse({ ...LONG, tokens: [LONG.tokens[0]] })?.listing).toBeNull();
    expect(parse({ c: 1 })).toBeNull();
  });
});

describe.skipIf(shared === null)("CLOB recordings (skipped without ../shared)", () => {
  it("read whole", () => {
    const read = (name: string): unknown =>
      JSON.parse(readFileSync(join(shared!, "data/samples/polymarket", name), "utf8"));
    const page = read("nautilus_py_http/markets.json") as { data: unknown[] };
    const old = read("old_clob_markets_page_3.json") as { data?: unknown[] } | unknown[];
    const markets = [...page.data, ...(Array.isArray(old) ? old : (old.data ?? []))];
    const parsed = markets.map((one) => parse(one));
    expect({
      markets: markets.length,
      unread: parsed.filter((one) => one === null).length,
      books: parsed.filter((one) => one?.listing).length,
    }).toEqual({ markets: 103, unread: 0, books: 102 });
  });
});
