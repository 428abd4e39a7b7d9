import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Family } from "../../src/contracts/index.ts";
import { checkBound } from "../../src/proof/binding.ts";
import { checkCertificate } from "../../src/proof/checker.ts";
import { checkContext } from "../../src/proof/context.ts";
import { resize } from "../../src/proof/resize.ts";
import { evidence, family, scan, type TestBook, view as viewOf } from "../../src/proof/test-view.ts";
import { bucket } from "./lane.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const view = (books: readonly TestBook[], one: Family) => viewOf(books, one, sha256);

/** Three unified books: YES asks sum to 0.93, YES bids to 0.87. */
const CHEAP_YES: readonly TestBook[] = [
  { market: "a", side: "unified", bids: [[380, 90]], asks: [[400, 100]] },
  { market: "b", side: "unified", bids: [[280, 90]], asks: [[300, 60]] },
  { market: "c", side: "unified", bids: [[210, 90]], asks: [[230, 80]] },
];
/** YES bids sum to 1.1: NO contracts cost 0.55 + 0.6 + 0.75. */
const CHEAP_NO: readonly TestBook[] = [
  { market: "a", side: "unified", bids: [[450, 50]], asks: [[460, 9]] },
  { market: "b", side: "unified", bids: [[400, 30]], asks: [[420, 9]] },
  { market: "c", side: "unified", bids: [[250, 40]], asks: [[260, 9]] },
];

describe("the bucket lane", () => {
  it("buys every YES of an exhaustive event below one and proves it", () => {
    const event = family("event", 3);
    const market = view(CHEAP_YES, event);
    const { findings, diagnoses } = scan(bucket, market);
    expect(diagnoses).toEqual(["lane.emitted"]);
    const [found] = findings;
    expect(found).toMatchObject({ lane: "bucket", family: "x:event", style: "yes_basket", confidence: 1 });
    expect(found!.legs).toEqual([
      { book: 0, action: "buy_yes", lots: 60, limitTicks: 400 },
      { book: 1, action: "buy_yes", lots: 60, limitTicks: 300 },
      { book: 2, action: "buy_yes", lots: 60, limitTicks: 230 },
    ]);
    expect(found!.certificate.guaranteed).toBe("4.2");
    expect(found!.guaranteed).toBe("4200000000000");
    expect(checkBound(found!.certificate, sha256, checkContext(found!, market, event))).toEqual({
      ok: true,
    });
  });

  it("takes YES bids at one minus their price for NO contracts, and converts where the venue offers it", () => {
    const event = family("event", 3, {
      exhaustive: evidence("unknown"),
      transforms: [{ type: "neg_risk_convert", markets: ["x:a", "x:b", "x:c"], feeBips: 0, maxLots: null }],
    });
    const market = view(CHEAP_NO, event);
    const { findings } = scan(bucket, market);
    expect(findings[0]!.style).toBe("no_convert");
    expect(findings[0]!.legs).toEqual([
      { book: 0, action: "buy_no", lots: 30, limitTicks: 550 },
      { book: 1, action: "buy_no", lots: 30, limitTicks: 600 },
      { book: 2, action: "buy_no", lots: 30, limitTicks: 750 },
    ]);
    expect(findings[0]!.certificate).toMatchObject({ guaranteed: "3", capital: "57", immediateCash: "60" });
    const { certificate } = findings[0]!;
    expect(checkBound(certificate, sha256, checkContext(findings[0]!, market, event))).toEqual({
      ok: true,
    });
  });

  it("needs no quote on every outcome for NO, but for YES", () => {
    const withHole = [...CHEAP_NO, { market: "d", side: "unified" } as const];
    expect(scan(bucket, view(withHole, family("event", 4))).diagnoses).toEqual(["lane.emitted"]);
    expect(scan(bucket, view(CHEAP_YES, family("event", 3, { unquoted: ["x:other"] }))).diagnoses).toEqual([
      "lane.no_edge_gross",
    ]);
  });

  it("does not take a quote that the firewall barred", () => {
    const barred = CHEAP_YES.map((book, index) => ({ ...book, barred: index === 1 }));
    expect(scan(bucket, view(barred, family("event", 3))).diagnoses).toEqual(["lane.no_edge_gross"]);
  });

  it.each([
    ["lane.label_unknown", CHEAP_YES, { exhaustive: evidence("unknown") }],
    ["lane.not_exhaustive", CHEAP_YES, { exhaustive: evidence("no") }],
    ["lane.label_unknown", CHEAP_YES, { exhaustive: evidence("yes", 999_999) }],
    ["lane.label_unknown", CHEAP_NO, { exclusive: evidence("unknown") }],
    ["lane.not_exclusive", CHEAP_NO, { exclusive: evidence("no") }],
  ] as const)(
    "says %s when the prices pay but the label does not carry the basket",
    (reason, books, labels) => {
      const { findings, diagnoses } = scan(bucket, view(books, family("event", 3, labels)));
      expect(diagnoses).toEqual([reason]);
      expect(findings).toEqual([]);
    },
  );

  it("says what stands in the way: no edge, fees, an unknown fee, the venue's minimum, too few outcomes", () => {
    const one = family("event", 3);
    const dear = CHEAP_YES.map((book) => ({
      ...book,
      asks: [[450, 10]] as const,
      bids: [[300, 10]] as const,
    }));
    expect(scan(bucket, view(dear, one)).diagnoses).toEqual(["lane.no_edge_gross"]);
    const charged = CHEAP_YES.map((book) => ({
      ...book,
      fee: { type: "per_contract", amount: "0.03" } as const,
    }));
    expect(scan(bucket, view(charged, one)).diagnoses).toEqual(["lane.no_edge_net"]);
    const unknown = CHEAP_YES.map((book) => ({ ...book, fee: { type: "unknown", why: "test" } as const }));
    expect(scan(bucket, view(unknown, one)).diagnoses).toEqual(["lane.fee_unknown"]);
    const large = CHEAP_YES.map((book) => ({
      ...book,
      minLots: 90,
      asks: [...book.asks!, [900, 100] as const],
    }));
    expect(scan(bucket, view(large, one)).diagnoses).toEqual(["lane.below_minimum"]);
    expect(scan(bucket, view(CHEAP_YES, family("event", 1))).diagnoses).toEqual(["lane.too_few_legs"]);
    expect(scan(bucket, view(CHEAP_YES, one), { minProfit: "4.21" }).diagnoses).toEqual(["lane.no_edge_net"]);
  });

  it("uses the venue's word that at most k outcomes happen", () => {
    const event = family("event", 3, { exclusive: evidence("no"), atMost: 2 });
    expect(scan(bucket, view(CHEAP_NO, event)).diagnoses).toEqual(["lane.no_edge_gross"]);
    const rich = CHEAP_NO.map((book) => ({ ...book, bids: [[700, 10]] as const, asks: [] }));
    expect(scan(bucket, view(rich, event)).findings[0]!.certificate.guaranteed).toBe("1");
  });

  it("leaves markets to the intra lane and names a wrong option", () => {
    expect(scan(bucket, view(CHEAP_YES, family("market", 3))).diagnoses).toEqual([]);
    expect(() => bucket.parse({ maxLegs: 1 })).toThrow("lanes.bucket.maxLegs: expected a whole number");
    expect(() => bucket.parse({ minProfit: 0.5 })).toThrow("lanes.bucket.minProfit");
    expect(() => bucket.parse({ deph: 1 })).toThrow("lanes.bucket.deph: not known");
  });
});

describe("resizing a finding", () => {
  const market = view(CHEAP_NO, family("event", 3));
  const found = scan(bucket, market).findings[0]!;
  const again = (maxLots: readonly number[], maxCapital: bigint | null = null) =>
    resize(found, { maxLots, maxCapital: maxCapital as never }, (book) => market.instrument(book), sha256);

  it("gives the same certificate when the caps do not bind", () => {
    expect(again([50, 30, 40])).toEqual(found);
  });

  it("proves the basket anew within the caps", () => {
    const smaller = again([10, 10, 5])!;
    expect(smaller.legs.map((leg) => leg.lots)).toEqual([5, 5, 5]);
    expect(checkCertificate(smaller.certificate, sha256).ok).toBe(true);
    const cheap = again([50, 30, 40], 20_000_000_000_000n)!;
    expect(BigInt(cheap.capital) <= 20_000_000_000_000n).toBe(true);
    expect(cheap.legs.map((leg) => leg.lots)).toEqual([10, 10, 10]);
  });

  it("gives nothing when no size pays", () => {
    expect(again([0, 0, 0])).toBeNull();
    expect(again([50, 0, 0])).toBeNull();
  });
});
