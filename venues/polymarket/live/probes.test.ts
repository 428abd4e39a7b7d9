import { describe, expect, it } from "vitest";
import type { HttpOutcome, Micros, ShapeDrift } from "../../../src/contracts/index.ts";
import { PROBES } from "./probes.ts";
import { book, condition, gammaEvent, gammaMarket, token } from "./testing/payloads.ts";

function outcome(body: unknown, status = 200): HttpOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const at = 1 as Micros;
  return { kind: "answer", status, headers: {}, body: new TextEncoder().encode(text), sentAt: at, at };
}

const probe = (id: string) => PROBES.find((each) => each.id === id)!;
const check = (id: string, body: unknown, learned = new Map<string, string>()): readonly ShapeDrift[] =>
  probe(id).check(outcome(body), learned);
const lines = (drifts: readonly ShapeDrift[]): string[] =>
  drifts.map(({ path, expected, found, breaks }) => `${breaks ? "!" : "?"} ${path}: ${expected}, ${found}`);

describe("probes", () => {
  it("ask each public endpoint once, and learn a market from the catalogue for the others", () => {
    const learned = new Map<string, string>();
    const paths = (): (string | undefined)[] => PROBES.map((each) => each.request(learned)?.path);
    expect(paths()).toEqual([
      "/events/keyset?closed=false&limit=5",
      undefined,
      "/time",
      "/version",
      undefined,
      undefined,
      "/api/geoblock",
    ]);
    const shut = gammaMarket(1, { acceptingOrders: false });
    check("gamma-events", { events: [gammaEvent(1, [shut, gammaMarket(2)])] }, learned);
    expect(paths().slice(1, 6)).toEqual([
      `/markets/keyset?condition_ids=${condition(2)}&limit=1`,
      "/time",
      "/version",
      `/book?token_id=${token(2)}`,
      "/books",
    ]);
    expect(probe("clob-books").request(learned)?.body).toBe(`[{"token_id":"${token(2)}"}]`);
  });

  it("find nothing where all is as expected", () => {
    expect(check("gamma-events", { events: [gammaEvent(1, [gammaMarket(1)])], next_cursor: "x" })).toEqual(
      [],
    );
    expect(check("gamma-market", { markets: [gammaMarket(1)] })).toEqual([]);
    expect(check("clob-time", "1778480000")).toEqual([]);
    expect(check("clob-version", { version: 2 })).toEqual([]);
    expect(check("clob-version", "3")).toEqual([]);
    expect(check("clob-book", book(token(1)))).toEqual([]);
    expect(check("clob-books", [book(token(1)), book(token(2))])).toEqual([]);
    expect(check("geoblock", { blocked: false, ip: "203.0.113.1", country: "IE", region: "L" })).toEqual([]);
  });

  it("say where a shape differs, once for all entries, and whether it breaks the adapter", () => {
    const changed = {
      clobTokenIds: ["1", "2"],
      conditionId: undefined,
      feeSchedule: { rate: "x" },
      novelty: [1],
    };
    const markets = [gammaMarket(1, changed), gammaMarket(2, changed)];
    expect(lines(check("gamma-events", { events: [gammaEvent(1, markets)], total: 7 }))).toEqual([
      "! events[].markets[].conditionId: a text, nothing",
      "! events[].markets[].clobTokenIds: a list of texts as JSON inside a text, a list",
      '! events[].markets[].feeSchedule.rate: a number, or one written as text, text "x"',
      "? events[].markets[].novelty: no such field, a list",
      "? total: no such field, number 7",
    ]);
    expect(lines(check("clob-books", { data: [] }))).toEqual(["! : a list, an object"]);
    expect(lines(check("clob-book", { ...book(token(1)), bids: [{ price: 0.4, size: "1" }] }))).toEqual([
      "! bids[].price: a text, number 0.4",
    ]);
    expect(lines(check("clob-version", { version: 4 }))).toEqual(["! version: 2 or 3, 4"]);
    expect(lines(check("geoblock", { blocked: null }))).toEqual(["! blocked: true or false, null"]);
    expect(lines(check("clob-time", "<html>"))).toEqual([
      "! : HTTP 200 with JSON, HTTP 200: a web page instead of an answer",
    ]);
  });

  it("say what came instead of an answer", () => {
    const none: HttpOutcome = {
      kind: "none",
      why: "timeout",
      detail: "after 10 s",
      sent: true,
      sentAt: 0 as Micros,
      at: 1 as Micros,
    };
    for (const each of PROBES) {
      expect(lines(each.check(none, new Map()))[0]).toBe("! : HTTP 200 with JSON, timeout: after 10 s");
      expect(each.check(outcome({ error: "no" }, 404), new Map()).length).toBeGreaterThan(0);
      expect(each.check(outcome("not JSON"), new Map()).length).toBeGreaterThan(0);
    }
  });
});
