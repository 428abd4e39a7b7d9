import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HttpOutcome, Micros } from "../../../src/contracts/index.ts";
import { sharedDir } from "../../../tests/shared.ts";
import { PROBES } from "./probes.ts";

const BOOK = { bids: [{ price: 0.5, size: 1 }], asks: [], tokenId: "123" };
const shared = sharedDir();

function outcome(body: unknown, status = 200): HttpOutcome {
  const at = 1_790_000_000_000_000 as Micros;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers: {}, body: new TextEncoder().encode(text), sentAt: at, at };
}

function check(id: string, body: unknown, status = 200, learned = new Map<string, string>()) {
  const probe = PROBES.find((each) => each.id === id)!;
  return probe.check(outcome(body, status), learned);
}

function recorded(): readonly Record<string, unknown>[] {
  const file = join(shared!, "data/samples/limitless/drmanhattan_limitless_markets.json");
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>[];
}

describe("probes", () => {
  it.skipIf(shared === null)(
    "find the recorded markets as expected, and learn a slug (skipped without them)",
    () => {
      const learned = new Map<string, string>();
      expect(check("active-markets", { data: recorded(), totalMarketsCount: 5 }, 200, learned)).toEqual([]);
      const [first] = recorded();
      expect(learned.get("slug")).toBe(first!["slug"]);
      expect(check("market", first)).toEqual([]);
      expect(PROBES.map((probe) => probe.request(learned)?.path)).toEqual([
        "/markets/active?page=1&limit=25",
        `/markets/${String(first!["slug"])}`,
        `/markets/${String(first!["slug"])}/orderbook`,
      ]);
    },
  );

  it.skipIf(shared === null)(
    "tell a new field from one that is missed (skipped without the recordings)",
    () => {
      const [first] = recorded();
      const group = {
        ...first,
        marketType: "group",
        markets: [{ ...first, tokens: { yes: 1, no: "2" } }],
        tokens: null,
      };
      expect(check("active-markets", { data: [{ ...first, news: 1 }, group], totalMarketsCount: 2 })).toEqual(
        [
          { path: "data[].news", expected: "no such field", found: "number", breaks: false },
          {
            path: "data[].markets[].tokens.yes",
            expected: expect.any(String),
            found: "number",
            breaks: true,
          },
        ],
      );
      const { status: _, ...rest } = first!;
      expect(check("market", rest)).toMatchObject([{ path: "status", found: "nothing", breaks: true }]);
    },
  );

  it("compare the order book", () => {
    expect(check("orderbook", BOOK)).toEqual([]);
    expect(check("orderbook", { ...BOOK, hash: "x" })).toMatchObject([{ path: "hash", breaks: false }]);
    expect(check("orderbook", { ...BOOK, bids: { "0.5": 1 } })).toMatchObject([
      { path: "bids", breaks: true },
    ]);
    expect(check("orderbook", { ...BOOK, tokenId: 5 })).toMatchObject([{ path: "tokenId", breaks: true }]);
    const strange = {
      ...BOOK,
      bids: [
        { price: "half", size: 1 },
        { price: "half", size: 2 },
      ],
    };
    expect(check("orderbook", strange)).toMatchObject([{ path: "bids[].price", found: 'text "half"' }]);
  });

  it("say what came instead of an answer, and ask for nothing without a slug", () => {
    expect(check("orderbook", "<html>")).toMatchObject([{ path: "", breaks: true }]);
    expect(check("orderbook", "nothing")).toMatchObject([{ found: "another body" }]);
    expect(check("market", { message: "Market not found" }, 404)).toMatchObject([
      { found: "HTTP 404: Market not found", breaks: true },
    ]);
    expect(check("active-markets", { data: [], totalMarketsCount: 0 })).toMatchObject([{ path: "data" }]);
    expect(PROBES.map((probe) => probe.request(new Map()) === null)).toEqual([false, true, true]);
  });
});
