import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FactSink, Instrument, Micros, ObjectFact } from "../contracts/index.ts";
import { BookCounter, SymbolTable } from "./symbols.ts";

const SCALES = { priceScale: 10_000, sizeScale: 100, currency: "USD" };
const AT = 1 as Micros;
const encoder = new TextEncoder();

function table(limit = 10_000): { table: SymbolTable; announced: Instrument[] } {
  const announced: Instrument[] = [];
  const sink: FactSink = {
    put: () => {},
    object: (fact: ObjectFact) => {
      if (fact.kind === "market.instruments") announced.push(...fact.instruments);
    },
  };
  return { table: new SymbolTable("acme", SCALES, new BookCounter(limit), sink), announced };
}

function find(symbols: SymbolTable, symbol: string): number {
  const bytes = encoder.encode(`>>${symbol}<<`);
  return symbols.find(bytes, 2, bytes.length - 2);
}

describe("SymbolTable", () => {
  it("finds every learned symbol by its bytes and no other", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 3000 }),
        (names) => {
          const { table: symbols } = table();
          const learned = names.filter((_, index) => index % 2 === 0);
          const hits = new Map(learned.map((name) => [name, symbols.learn(name, AT)]));
          for (const name of names) expect(find(symbols, name)).toBe(hits.get(name) ?? -1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("announces an unknown symbol as an instrument that nothing may trade", () => {
    const { table: symbols, announced } = table();
    symbols.learn("KXA-1", AT);
    symbols.learn("KXA-1", AT);
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({ key: "acme:KXA-1", fees: [], tickRanges: [], status: "unknown" });
  });

  it("refuses books past its bound instead of growing", () => {
    const { table: symbols } = table(2);
    expect(symbols.learn("a", AT)).toBe(0);
    expect(symbols.learn("b", AT)).toBe(2);
    expect(symbols.learn("c", AT)).toBe(-1);
    expect(find(symbols, "c")).toBe(-1);
  });

  it("marks the mirrored symbol of a book", () => {
    const { table: symbols, announced } = table();
    symbols.learn("yes", AT);
    const { book: _book, key: _key, venue: _venue, ...terms } = announced[0]!;
    const book = symbols.describe({ ...terms, mirrorSymbol: "no" }, AT);
    expect(find(symbols, "yes")).toBe(book * 2);
    expect(find(symbols, "no")).toBe(book * 2 + 1);
    expect(announced).toHaveLength(2);
    symbols.describe({ ...terms, mirrorSymbol: "no" }, AT);
    expect(announced).toHaveLength(2);
  });
});
