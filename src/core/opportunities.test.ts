import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookId, Finding, Micros } from "../contracts/index.ts";
import { bucket, instrument } from "./execution/fixture.ts";
import { DEFAULT_OPPORTUNITY_OPTIONS, Opportunities, type OpportunityOptions } from "./opportunities.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const keyOf = (book: BookId) => `v:b${book}`;
const SECOND = 1_000_000;
const BOOKS = [0, 1, 2, 3].map((book) => instrument(book));

function finding(family = "f", prices = [30, 31], first = 0): Finding {
  return bucket({ action: "buy_yes", prices, lots: 100, family }, BOOKS.slice(first));
}

function register(changes: Partial<OpportunityOptions> = {}): Opportunities {
  return new Opportunities({ ...DEFAULT_OPPORTUNITY_OPTIONS, ...changes }, sha256, keyOf);
}

const at = (micros: number) => (1_700_000_000 * SECOND + micros) as Micros;

describe("opportunity identity", () => {
  it("is 20 hex digits and depends on lane, style, legs and time bucket, not on prices, sizes or leg order", () => {
    const known = register();
    const id = known.idOf(finding(), at(0));
    expect(id).toMatch(/^[0-9a-f]{20}$/);
    expect(known.idOf(finding("f", [29, 33]), at(999_999))).toBe(id);
    const turned = { ...finding(), legs: [...finding().legs].reverse() };
    expect(known.idOf(turned, at(0))).toBe(id);
    expect(known.idOf(finding(), at(SECOND))).not.toBe(id);
    expect(known.idOf({ ...finding(), style: "other" }, at(0))).not.toBe(id);
    expect(known.idOf(finding("f", [30, 31], 1), at(0))).not.toBe(id);
  });
});

describe("de-duplication", () => {
  it("lets an opportunity pass once and names why the next does not", () => {
    const known = register();
    expect(known.admit(finding(), at(0), 1).refused).toBeNull();
    expect(known.admit(finding(), at(1), 2).refused?.reason).toBe("dedupe.same_id");
    expect(known.admit(finding(), at(2 * SECOND), 3).refused?.reason).toBe("dedupe.cooldown");
    expect(known.admit(finding("g"), at(2 * SECOND), 4).refused).toBeNull();
    expect(known.admit(finding(), at(30 * SECOND), 5).refused).toBeNull();
  });

  it("keeps a family closed while its plan is open and for one cool-down after", () => {
    const known = register();
    known.admit(finding(), at(0), 1);
    known.opened("f");
    expect(known.admit(finding(), at(100 * SECOND), 2).refused?.detail).toContain("open plan");
    known.closed("f", at(101 * SECOND));
    expect(known.admit(finding(), at(120 * SECOND), 3).refused?.reason).toBe("dedupe.cooldown");
    expect(known.admit(finding(), at(131 * SECOND), 4).refused).toBeNull();
  });

  it("forgets by time and admits nothing beyond its bound", () => {
    const known = register({ maxRemembered: 3 });
    for (let n = 0; n < 3; n++) expect(known.admit(finding(`f${n}`), at(n), n).refused).toBeNull();
    expect(known.admit(finding("f9"), at(5), 9).refused?.detail).toContain("full");
    expect(known.admit(finding("f9"), at(31 * SECOND), 10).refused).toBeNull();
    expect(known.remembered).toBe(2);
  });

  it("never admits a family twice within a cool-down, and answers a retry the same way", () => {
    const attempt = fc.record({
      family: fc.constantFrom("a", "b", "c"),
      wait: fc.integer({ min: 0, max: 20 * SECOND }),
    });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
        const known = register();
        const last = new Map<string, number>();
        let now = 0;
        for (const { family, wait } of attempts) {
          now += wait;
          const admission = known.admit(finding(family), at(now), 1);
          if (admission.refused === null) {
            const before = last.get(family);
            if (before !== undefined) expect(now - before).toBeGreaterThanOrEqual(30 * SECOND);
            last.set(family, now);
          }
          const retry = known.admit(finding(family), at(now), 1);
          expect(retry.opportunity.id).toBe(admission.opportunity.id);
          expect(retry.refused).not.toBeNull();
        }
      }),
      { numRuns: 150 },
    );
  });
});
