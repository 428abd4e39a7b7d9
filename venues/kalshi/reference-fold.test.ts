import { describe, expect, it } from "vitest";
import { KalshiReferenceFold } from "./reference-fold.ts";

describe("the reference fold", () => {
  it("keeps both ladders of bids and shows them on the YES scale", () => {
    const fold = new KalshiReferenceFold();
    expect(fold.top("A")).toBeNull();
    fold.frame(
      '{"type":"orderbook_snapshot","msg":{"market_ticker":"A","yes_dollars_fp":[["0.4000","1.00"]],"no_dollars_fp":[["0.5500","2.00"]]}}',
    );
    expect(fold.top("A")).toEqual({ bid: 4_000, ask: 4_500 });
    const touched = fold.frame(
      '{"type":"orderbook_delta","msg":{"market_ticker":"A","side":"no","price_dollars":"0.5500","delta_fp":"-2.00"}}',
    );
    expect(touched).toEqual(["A"]);
    expect(fold.top("A")).toEqual({ bid: 4_000, ask: -1 });
  });

  it("ignores what it cannot read", () => {
    const fold = new KalshiReferenceFold();
    for (const text of [
      "",
      "{",
      '{"type":"ticker"}',
      '{"type":"orderbook_delta","msg":{"market_ticker":"A"}}',
    ])
      expect(fold.frame(text)).toEqual([]);
  });
});
