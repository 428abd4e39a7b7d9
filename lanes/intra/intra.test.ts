import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Family } from "../../src/contracts/index.ts";
import { checkBound } from "../../src/proof/binding.ts";
import { checkContext } from "../../src/proof/context.ts";
import { family, scan, type TestBook, view as viewOf } from "../../src/proof/test-view.ts";
import { intra } from "./lane.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const view = (books: readonly TestBook[], one: Family) => viewOf(books, one, sha256);

const SPLIT = { transforms: [{ type: "split", market: "x:m", maxLots: null }] } as const;
const pair = (yes: Partial<TestBook>, no: Partial<TestBook>): readonly TestBook[] => [
  { market: "m", side: "yes", ...yes },
  { market: "m", side: "no", ...no },
];

describe("the intra lane", () => {
  it("buys YES and NO of separate books below one, as far as the marginal pair pays", () => {
    const books = pair(
      {
        asks: [
          [440, 50],
          [490, 200],
        ],
      },
      {
        asks: [
          [500, 60],
          [520, 60],
        ],
      },
    );
    const one = family("market", 2);
    const market = view(books, one);
    const { findings, diagnoses } = scan(intra, market);
    expect(diagnoses).toEqual(["lane.emitted"]);
    expect(findings[0]!.style).toBe("pair");
    expect(findings[0]!.legs).toEqual([
      { book: 0, action: "buy_yes", lots: 60, limitTicks: 490 },
      { book: 1, action: "buy_no", lots: 60, limitTicks: 500 },
    ]);
    expect(findings[0]!.certificate.guaranteed).toBe("3.1");
    const context = checkContext(findings[0]!, market, one);
    expect(checkBound(findings[0]!.certificate, sha256, context)).toEqual({ ok: true });
  });

  it("splits and sells both sides into bids above one where the venue splits", () => {
    const books = pair({ bids: [[560, 70]] }, { bids: [[470, 60]] });
    expect(scan(intra, view(books, family("market", 2))).diagnoses).toEqual(["lane.quote_missing"]);
    const { findings } = scan(intra, view(books, family("market", 2, SPLIT)));
    expect(findings[0]!.style).toBe("split_sell");
    expect(findings[0]!.certificate.guaranteed).toBe("1.8");
    expect(findings[0]!.legs.map((leg) => leg.action)).toEqual(["sell_yes", "sell_no"]);
  });

  it("never emits on a unified book: crossed is a data alarm, else there is nothing to do", () => {
    const crossed = view(
      [{ market: "m", side: "unified", bids: [[500, 9]], asks: [[450, 9]] }],
      family("market", 1),
    );
    expect(scan(intra, crossed)).toEqual({ findings: [], diagnoses: ["quote.unified_cross"] });
    const quiet = view(
      [{ market: "m", side: "unified", bids: [[440, 9]], asks: [[450, 9]] }],
      family("market", 1),
    );
    expect(scan(intra, quiet)).toEqual({ findings: [], diagnoses: ["lane.unified"] });
  });

  it("says why there is nothing", () => {
    const one = family("market", 2);
    const dear = pair({ asks: [[500, 9]] }, { asks: [[500, 9]] });
    expect(scan(intra, view(dear, one)).diagnoses).toEqual(["lane.no_edge_gross"]);
    const stale = pair({ asks: [[400, 9]], barred: true }, { asks: [[500, 9]] });
    expect(scan(intra, view(stale, one)).diagnoses).toEqual(["lane.quote_missing"]);
    const fee = { type: "unknown", why: "test" } as const;
    expect(scan(intra, view(pair({ asks: [[400, 9]], fee }, { asks: [[500, 9]] }), one)).diagnoses).toEqual([
      "lane.fee_unknown",
    ]);
    expect(scan(intra, view(dear, family("market", 1))).diagnoses).toEqual(["lane.too_few_legs"]);
    expect(scan(intra, view(dear, family("event", 2))).diagnoses).toEqual([]);
  });

  it("gives the same findings for the same view", () => {
    const books = pair({ asks: [[400, 9]] }, { asks: [[500, 9]] });
    const market = view(books, family("market", 2));
    expect(JSON.stringify(scan(intra, market))).toBe(JSON.stringify(scan(intra, market)));
  });
});
