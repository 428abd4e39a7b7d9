import { describe, expect, test } from "vitest";
import type { Decision, ObjectFact, Reason } from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import { instant, testInstrument, UNKNOWN_EVIDENCE } from "./journal-fixture.ts";
import { parseDecision, parseObjectFact } from "./schema.ts";
import { createUpgrade } from "./upgrade.ts";

const FACTS: readonly ObjectFact[] = [
  {
    kind: "market.instruments",
    instruments: [testInstrument(0), { ...testInstrument(1), mirrorSymbol: "N1" }],
  },
  {
    kind: "market.families",
    families: [
      {
        id: "f",
        kind: "event",
        venue: "acme",
        title: "F",
        members: [testInstrument(0).book],
        unquoted: ["other"],
        exclusive: UNKNOWN_EVIDENCE,
        exhaustive: { ...UNKNOWN_EVIDENCE, expiresAt: instant(1) },
        atMost: null,
        transforms: [{ type: "split", market: "acme:M0", maxLots: null }],
      },
    ],
  },
  { kind: "stream.opened", stream: 0, venue: "acme", label: "l", judged: false, why: "a slice" },
  { kind: "stream.closed", stream: 0, reason: "end" },
  { kind: "market.resolved", market: "acme:M0", yesPayout: "1", source: "venue" },
  { kind: "venue.status", venue: "acme", status: "up", reason: "" },
  { kind: "operator", action: "pause", who: "me", why: "lunch" },
  {
    kind: "order.update",
    update: { orderId: "o", state: "acked", fills: [], reason: null, at: instant(0) },
  },
  { kind: "lane.result", lane: "intra", findings: [] },
  { kind: "risk.breach", rule: "cap", detail: "d" },
  { kind: "degraded.mode", on: true, scope: "acme", reason: "r" },
  { kind: "feed.note", venue: "acme", stage: "discovery", detail: "3 books", tookMs: 12 },
];

const REFUSED: Decision = {
  kind: "opportunity.refused",
  id: "o",
  stage: "risk",
  reason: "risk.cash",
  detail: "",
};

describe("object facts and decisions", () => {
  test("of every kind pass their schema unchanged", () => {
    for (const fact of FACTS) expect(parseObjectFact(JSON.stringify(fact), 1, 1)).toEqual(fact);
    expect(parseDecision(JSON.stringify(REFUSED), 1, 1)).toEqual(REFUSED);
  });

  test("with a missing, unknown or wrong field are refused with seq and field", () => {
    const bad: readonly [object, RegExp][] = [
      [{ kind: "stream.closed", stream: 0 }, /seq 7: stream.closed: reason:/],
      [{ kind: "stream.closed", stream: 0, reason: "", extra: 1 }, /seq 7: stream.closed: .*extra/],
      [
        { kind: "market.resolved", market: "m", yesPayout: "half", source: "" },
        /yesPayout: expected a plain decimal/,
      ],
      [
        { kind: "market.instruments", instruments: [{ ...testInstrument(0), priceScale: 0.5 }] },
        /priceScale/,
      ],
      [{ kind: "toString" }, /fact kind "toString" is not known/],
      [[], /fact kind "" is not known/],
    ];
    for (const [value, message] of bad) {
      expect(() => parseObjectFact(JSON.stringify(value), 1, 7)).toThrow(message);
    }
    expect(() => parseObjectFact("{", 1, 7)).toThrow(/seq 7: the record is not JSON/);
    const invented = { ...REFUSED, reason: "risk.mood" as Reason };
    expect(() => parseDecision(JSON.stringify(invented), 1, 7)).toThrow(/reason/);
  });

  test("of a newer version are refused instead of misread", () => {
    const newer = () => parseObjectFact(JSON.stringify(FACTS[3]), 2, 1);
    expect(newer).toThrow(CaptureError);
    expect(newer).toThrow(/expected at most 1, was 2/);
  });
});

describe("a reader of version 3", () => {
  const upgrade = createUpgrade(3, {
    1: (record) => ({ ...(record as object), added: "in 2" }),
    2: ({ old, ...rest }: { old: string; added: string } & object) => ({ ...rest, renamed: old }),
  } as Parameters<typeof createUpgrade>[1]);

  test("lifts versions 1 and 2 step by step and takes 3 as it is", () => {
    expect(upgrade({ old: "x" }, 1)).toEqual({ added: "in 2", renamed: "x" });
    expect(upgrade({ old: "x", added: "y" }, 2)).toEqual({ added: "y", renamed: "x" });
    expect(upgrade({ renamed: "x", added: "y" }, 3)).toEqual({ added: "y", renamed: "x" });
  });

  test("refuses versions that cannot be, and a chain with a gap cannot be made", () => {
    expect(() => upgrade({}, 0)).toThrow(/expected 1 to 3, was 0/);
    expect(() => createUpgrade(3, { 2: (record) => record })).toThrow(/no upgrade from record version 1/);
  });
});
