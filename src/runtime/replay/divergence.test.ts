import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Decision, Kind, reasonNumber } from "../../contracts/index.ts";
import { decisionText, quoteText, ruleOf, StreamComparer, shortText } from "./divergence.ts";

describe("StreamComparer", () => {
  it("finds no difference between equal streams, however they interleave", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.boolean()), (items, order) => {
        const comparer = new StreamComparer();
        let [a, b] = [0, 0];
        for (const isA of order) {
          if (isA && a < items.length) comparer.pushA(items[a++]!, a, a);
          else if (b < items.length) comparer.pushB(items[b++]!, b, b);
        }
        while (a < items.length) comparer.pushA(items[a++]!, a, a);
        while (b < items.length) comparer.pushB(items[b++]!, b, b);
        comparer.level(items.length, 0);
        expect(comparer.divergence).toBeNull();
      }),
    );
  });

  it("finds the first item that differs, with both values and where it was", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,5}$/), { minLength: 1 }), fc.nat(), (items, pick) => {
        const at = pick % items.length;
        const comparer = new StreamComparer();
        for (const [index, item] of items.entries()) {
          comparer.pushA(item, index, index * 10);
          comparer.pushB(index === at ? `${item}!` : item, index, index * 10);
        }
        expect(comparer.divergence).toMatchObject({ factSeq: at, at: at * 10 });
      }),
    );
  });

  it("takes an item without a partner for a difference when both must be level", () => {
    const comparer = new StreamComparer();
    comparer.pushA("tick 5", 7, 5);
    comparer.level(7, 5);
    expect(comparer.divergence).toEqual({ factSeq: 7, at: 5, rule: "5", a: "tick 5", b: "(nothing)" });
    const other = new StreamComparer();
    other.pushB("quarantine book 1 bid quote.stale", 8, 6);
    other.level(8, 6);
    expect(other.divergence).toMatchObject({ a: "(nothing)", rule: "quote.stale" });
  });

  it("keeps the first difference and nothing of what follows", () => {
    const comparer = new StreamComparer();
    comparer.pushA("x", 1, 1);
    comparer.pushB("y", 1, 1);
    const first = comparer.divergence;
    comparer.pushA("p", 2, 2);
    comparer.pushB("q", 2, 2);
    comparer.level(3, 3);
    expect(comparer.divergence).toBe(first);
  });
});

describe("judgements as text", () => {
  const refused: Decision = {
    kind: "opportunity.refused",
    id: "o",
    stage: "risk",
    reason: "risk.cash",
    detail: "5 above 4",
  };

  it("says what was judged about which side of which book, and the rule", () => {
    const text = quoteText(Kind.QUARANTINE, 1, 12, reasonNumber("quote.crossed"));
    expect(text).toBe("quarantine book 12 ask quote.crossed");
    expect(ruleOf(text)).toBe("quote.crossed");
    expect(quoteText(Kind.RELEASE, 0, 1, 9_999)).toBe("release book 1 bid 9999");
    expect(quoteText(Kind.REFUSAL, 0, 1, reasonNumber("dedupe.cooldown"))).toBe(
      "refusal book 1 bid dedupe.cooldown",
    );
  });

  it("gives the reason of a refusal, the bound of a plan, else the kind, as the rule", () => {
    expect(ruleOf(decisionText(refused))).toBe("risk.cash");
    expect(ruleOf('{"kind":"plan.approved","boundBy":"kelly"}')).toBe("kelly");
    expect(ruleOf('{"kind":"opportunity.closed","row":{"refusal":null}}')).toBe("opportunity.closed");
    expect(ruleOf("")).toBe("nothing");
  });

  it("is short enough for a line, with the meaning of its reason", () => {
    expect(shortText(decisionText(refused))).toBe(
      "kind=opportunity.refused id=o stage=risk reason=risk.cash detail=5 above 4 (not enough free cash)",
    );
    expect(shortText(JSON.stringify({ kind: "x", detail: "y".repeat(2_000) })).length).toBeLessThan(400);
  });
});
