import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Micros } from "../contracts/index.ts";
import { renderScreen, renderSummary } from "./screen.ts";
import type { ScreenOpportunity, ScreenState } from "./screen-state.ts";

const AT = 1_767_571_392_000_000;

function opportunity(index: number): ScreenOpportunity {
  const refused = index % 3 === 1;
  return {
    at: (AT - index * 3_000_000) as Micros,
    id: `${index}f3a9c27d15e`,
    lane: "bucket",
    style: index % 2 === 0 ? "yes_basket" : "no_basket",
    family: index % 2 === 0 ? "simk:SXTEMP-A0" : "simp:SXTEMP-LONG-NAME-OF-A-FAMILY-B0",
    guaranteed: `${index}.145`,
    capital: "98.2",
    outcome: refused ? "refused" : index % 3 === 0 ? "filled" : "missed",
    reason: refused ? "risk.min_edge" : index % 3 === 0 ? null : "order.no_liquidity",
  };
}

const STATE: ScreenState = {
  profile: "demo",
  profileHash: "24b374f711b5daaf",
  mode: "paper",
  journal: "runs/demo/0001",
  uptimeMs: 192_000,
  marketAt: AT as Micros,
  speed: 1,
  books: {
    listed: 128,
    valid: 121,
    quarantined: 7,
    reasons: [
      { name: "quote.stale", count: 4 },
      { name: "quote.crossed", count: 2 },
      { name: "quote.one_sided", count: 1 },
    ],
  },
  rates: { framesPerSecond: 304.2, factsPerSecond: 612, frames: 54_321, facts: 98_123 },
  venues: [
    {
      id: "simk",
      status: "up",
      books: 70,
      valid: 66,
      framesPerSecond: 143,
      rejects: 2,
      gaps: 1,
      delay: { p50Micros: 6_200, p99Micros: 41_000 },
    },
    {
      id: "sims",
      status: "down",
      books: 24,
      valid: 0,
      framesPerSecond: 0.4,
      rejects: 0,
      gaps: 0,
      delay: null,
    },
  ],
  lanes: [
    {
      id: "bucket",
      families: 15,
      findings: 12,
      diagnoses: [
        { name: "lane.no_edge_gross", count: 9 },
        { name: "lane.not_exhaustive", count: 3 },
        { name: "lane.label_unknown", count: 2 },
      ],
    },
    { id: "intra", families: 32, findings: 0, diagnoses: [{ name: "lane.unified", count: 20 }] },
  ],
  funnel: { detected: 15, refused: 9, approved: 6, filled: 4, partial: 1, missed: 1 },
  opportunities: Array.from({ length: 12 }, (_, index) => opportunity(index)),
  money: {
    currency: "USD",
    startCash: "15000",
    cash: "14812.204",
    reserved: "0",
    openAtWorst: "190.1234",
    fees: "3.2",
    equity: "15002.3274",
    openPositions: 7,
  },
  decision: { p50Micros: 12, p99Micros: 83 },
  health: { level: "degraded", text: "sims is down" },
};

describe("renderScreen", () => {
  it("shows the whole picture on 100 x 30", () => {
    expect(`\n${renderScreen(STATE, 100, 30, false)}\n`).toMatchInlineSnapshot(`
      "
      EMP demo  paper  profile 24b374f7                                                        up 00:03:12
      journal runs/demo/0001                                                   2026-01-05 00:03:12 UTC  x1
      ────────────────────────────────────────────────────────────────────────────────────────────────────
      books      121/128 valid ███████████████████░  7 quarantined  stale 4 · crossed 2 · one sided 1
      flow       304 frames/s  612 facts/s  54,321 frames, 98,123 facts  judged in 12 us, p99 83 us

      venue      status          valid  frames/s  rejects  gaps   delay p50       p99
      simk       up              66/70       143        2     1      6.2 ms     41 ms
      sims       down             0/24       0.4        0     0           -         -

      lane       families  findings   last answer by family
      bucket           15        12   no edge gross 9 · not exhaustive 3 · label unknown 2
      intra            32         0   unified 20

      opportunities  15 detected  9 refused  6 approved  4 filled  1 partial  1 missed
      00:03:12  0f3a9c27  yes_basket simk:SXTEMP-A0         0.15 on     98.20  filled
      00:03:09  1f3a9c27  no_basket simp:SXTEMP-LONG-N~     1.15 on     98.20  refused: risk min edge
      00:03:06  2f3a9c27  yes_basket simk:SXTEMP-A0         2.15 on     98.20  missed: order no liquidity
      00:03:03  3f3a9c27  no_basket simp:SXTEMP-LONG-N~     3.15 on     98.20  filled
      00:03:00  4f3a9c27  yes_basket simk:SXTEMP-A0         4.15 on     98.20  refused: risk min edge
      00:02:57  5f3a9c27  no_basket simp:SXTEMP-LONG-N~     5.15 on     98.20  missed: order no liquidity
      00:02:54  6f3a9c27  yes_basket simk:SXTEMP-A0         6.15 on     98.20  filled
      00:02:51  7f3a9c27  no_basket simp:SXTEMP-LONG-N~     7.15 on     98.20  refused: risk min edge
      00:02:48  8f3a9c27  yes_basket simk:SXTEMP-A0         8.15 on     98.20  missed: order no liquidity
      00:02:45  9f3a9c27  no_basket simp:SXTEMP-LONG-N~     9.15 on     98.20  filled

      ────────────────────────────────────────────────────────────────────────────────────────────────────
      equity     15,002.33 USD  +2.33 since the start  fees 3.20
                 cash 14,812.20  reserved 0.00  open at worst 190.12 in 7 positions
      health     degraded  sims is down
      "
    `);
  });

  it("keeps what matters on 60 x 20", () => {
    expect(`\n${renderScreen(STATE, 60, 20, false)}\n`).toMatchInlineSnapshot(`
      "
      EMP demo  paper  profile 24b374f7                up 00:03:12
      journal runs/demo/0001           2026-01-05 00:03:12 UTC  x1
      ────────────────────────────────────────────────────────────
      books      121/128 valid   7 quarantined  stale 4 +2 more
      flow       304 frames/s  612 facts/s
      venue      status          valid  frames/s  rejects  gaps
      simk       up              66/70       143        2     1
      sims       down             0/24       0.4        0     0
      lane       families  findings
      bucket           15        12   no edge gross 9 +2 more
      intra            32         0   unified 20
      15 detected  6 approved  4 filled  1 partial  1 missed
      00:03:12     0.15  filled
      00:03:09     1.15  refused: risk min edge
      00:03:06     2.15  missed: order no liquidity
      00:03:03     3.15  filled
      ────────────────────────────────────────────────────────────
      equity     15,002.33 USD  +2.33 since the start  fees 3.20
                 cash 14,812.20  reserved 0.00  open 190.12
      health     degraded  sims is down
      "
    `);
  });

  it("shows an empty start without inventing anything", () => {
    const empty: ScreenState = {
      ...STATE,
      marketAt: null,
      speed: null,
      books: { listed: 0, valid: 0, quarantined: 0, reasons: [] },
      rates: { framesPerSecond: 0, factsPerSecond: 0, frames: 0, facts: 0 },
      venues: [],
      lanes: [],
      opportunities: [],
      decision: null,
      money: { ...STATE.money, equity: "15000", openPositions: 0 },
      health: { level: "ok", text: "starting" },
    };
    const text = renderScreen(empty, 100, 30, false);
    expect(text).toContain("0/0 valid");
    expect(text).toContain("none yet");
    expect(text).toContain("no market time yet");
    expect(text).toContain("+0.00 since the start");
  });

  it("never exceeds the terminal, whatever its size and whatever the venues call things", () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.string({ unit: "binary" }),
        (width, height, name) => {
          const [first] = STATE.opportunities;
          const named = {
            ...STATE,
            profile: name,
            opportunities: [{ ...first!, family: name, reason: name }],
          };
          const lines = renderScreen(named, width, height, false).split("\n");
          expect(lines.length).toBeLessThanOrEqual(height);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it("lets no text from outside reach the terminal as a control sequence", () => {
    const evil = "\u001b[2J\u0007\u202eowned";
    const state = { ...STATE, profile: evil, health: { level: "ok" as const, text: evil } };
    const unprintable = [...renderScreen(state, 100, 30, false), ...renderSummary(state)].filter(
      (char) => char !== "\n" && (char < " " || char === "\u007f" || char === "\u202e"),
    );
    expect(unprintable).toEqual([]);
  });

  it("uses colour only when asked, and the same characters either way", () => {
    const plain = renderScreen(STATE, 100, 30, false);
    const coloured = renderScreen(STATE, 100, 30, true);
    expect(plain).not.toContain("\u001b[");
    expect(coloured).toContain("\u001b[");
    const stripped = stripVTControlCharacters(coloured);
    expect(stripped.split("\n").map((line) => line.trimEnd())).toEqual(plain.split("\n"));
  });
});

describe("renderSummary", () => {
  it("says the most important on one line", () => {
    expect(renderSummary(STATE)).toBe(
      "2026-01-05 00:03:12 | books 121/128 valid, 7 quarantined | 304 frames/s | 98,123 facts | opportunities 15 detected, 6 approved, 4 filled | equity 15,002.33 (+2.33) USD | degraded: sims is down",
    );
  });
});
