import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type Command,
  type Decision,
  type Family,
  type Finding,
  Kind,
  type Micros,
  type OpportunityRow,
  type Order,
  PICO_DIGITS,
  parseDecimal,
  reasonOf,
} from "../contracts/index.ts";
import { Desk } from "./desk.ts";
import { Execution } from "./execution/execution.ts";
import { bucket, FakeView, filled, instrument, micros, pico, T0 } from "./execution/fixture.ts";
import { DEFAULT_EXECUTION_OPTIONS } from "./execution/options.ts";
import { FamilyIndex } from "./family-index.ts";
import { Ledger } from "./ledger/ledger.ts";
import { DEFAULT_OPPORTUNITY_OPTIONS, Opportunities } from "./opportunities.ts";
import { DailyDrawdown } from "./risk/daily-drawdown.ts";
import { Exposure } from "./risk/exposure.ts";
import { DEFAULT_RISK_LIMITS } from "./risk/limits.ts";
import { DEFAULT_DRAWDOWN_SCALE, DrawdownScale } from "./sizing/drawdown.ts";
import { DEFAULT_SIZING_OPTIONS } from "./sizing/options.ts";
import { Sizer } from "./sizing/size.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const BOOKS = [instrument(0), instrument(1), instrument(2)];
const SETTLE_MICROS = 10_000_000;
const ACCEPTED = { ok: true } as const;

const YES = { label: "yes", source: "test", hash: "h", expiresAt: null } as const;
const EVENT: Family = {
  id: "f",
  kind: "event",
  venue: "v",
  title: "an event",
  members: BOOKS.map(({ book }) => book),
  unquoted: [],
  exclusive: YES,
  exhaustive: YES,
  atMost: null,
  transforms: [],
};

/** A view with one listed event: exactly one of its three outcomes happens. */
class EventView extends FakeView {
  override familyCount(): number {
    return 1;
  }

  override family(): never {
    return EVENT as never;
  }
}

/** A desk over a view that the test sets; everything it says is kept. Findings are taken at half their size. */
class Table {
  readonly view = new EventView().list(...BOOKS);
  readonly decisions: Decision[] = [];
  readonly commands: Command[] = [];
  readonly refusals: string[] = [];
  readonly ledger = new Ledger({
    deposits: [{ venue: "v", currency: "USD", amount: pico(1_000) }],
    parCurrencies: ["USD"],
  });
  readonly desk: Desk;
  verdict: ReturnType<ConstructorParameters<typeof Desk>[0]["verifyFinding"]> = ACCEPTED;
  verified = 0;

  constructor() {
    const { view, ledger } = this;
    const families = new FamilyIndex(view);
    const opportunities = new Opportunities(
      { ...DEFAULT_OPPORTUNITY_OPTIONS, cooldownMicros: 1_000 },
      sha256,
      (book) => `v:b${book}`,
    );
    for (const book of BOOKS) view.set(book.book, [[29, 100_000]], [[30, 100_000]]);
    this.desk = new Desk({
      view,
      out: {
        quote: (kind, _side, _book, reason) => {
          if (kind === Kind.REFUSAL) this.refusals.push(reasonOf(reason) ?? String(reason));
        },
        decision: (decision) => void this.decisions.push(decision),
        command: (command) => void this.commands.push(command),
      },
      opportunities,
      sizer: new Sizer(
        DEFAULT_SIZING_OPTIONS,
        () => 1,
        (finding) => at(finding, finding.legs[0]!.lots / 2),
      ),
      drawdown: new DrawdownScale(DEFAULT_DRAWDOWN_SCALE),
      daily: new DailyDrawdown(20_000),
      exposure: new Exposure(),
      ledger,
      execution: new Execution(DEFAULT_EXECUTION_OPTIONS, () => false),
      limits: { ...DEFAULT_RISK_LIMITS, venues: ["v"], lanes: ["bucket"] },
      verifyFinding: () => {
        this.verified++;
        return this.verdict;
      },
      orderFee: () => pico(0),
      families,
      settleMicros: SETTLE_MICROS,
    });
  }

  settle(lots: number): void {
    for (const { book } of BOOKS) this.view.settle(book, lots);
  }

  get rows(): OpportunityRow[] {
    return this.decisions.flatMap((decision) =>
      decision.kind === "opportunity.closed" ? [decision.row] : [],
    );
  }

  get orders(): Order[] {
    return this.commands.flatMap((command) => (command.kind === "venue.submit" ? [command.order] : []));
  }

  kinds(): string[] {
    return this.decisions.map(({ kind }) => kind);
  }
}

function at(finding: Finding, lots: number): Finding {
  const prices = finding.legs.map(({ limitTicks }) => limitTicks);
  return bucket({ action: "buy_yes", prices, lots, family: finding.family }, BOOKS);
}

const basket = (lots = 2_000, family = "f", prices = [30, 30, 30]): Finding =>
  bucket({ action: "buy_yes", prices, lots, family }, BOOKS);
const money = (text: string): bigint => parseDecimal(text, PICO_DIGITS)!;

describe("a finding that passes everything", () => {
  it("is detected, approved, sent, filled and closed with one row whose money is the ledger's", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    expect(table.kinds()).toEqual(["opportunity.detected", "plan.approved"]);
    expect(table.orders.map(({ lots }) => lots)).toEqual([1_000, 1_000, 1_000]);
    for (const order of table.orders) table.desk.orderUpdate(filled(order), micros(1_000));
    expect(table.kinds()).toEqual(["opportunity.detected", "plan.approved", "opportunity.closed"]);
    const [row] = table.rows;
    expect(row).toMatchObject({ outcome: "filled", planned: "1", simulatedRealised: "1", refusal: null });
    const { equity, startCash, outsideRows, reserved } = table.desk.summary();
    expect({ reserved, outsideRows }).toEqual({ reserved: "0", outsideRows: "0" });
    expect(money(startCash) + money(row!.simulatedRealised) + money(outsideRows)).toBe(money(equity));
  });

  it("reserves money while its orders are under way and gives back what they did not use", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    expect(table.desk.summary().reserved).toBe("9.03");
    for (const order of table.orders) table.desk.orderUpdate(filled(order, 0), micros(1_000));
    expect(table.desk.summary()).toMatchObject({ reserved: "0", cash: "1000", equity: "1000" });
    expect(table.rows).toMatchObject([{ outcome: "missed", simulatedRealised: "0" }]);
  });

  it("leaves a row for a plan that has not ended when the run does", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    table.desk.closeAll(micros(5));
    expect(table.rows).toMatchObject([{ outcome: "open", closedAt: micros(5) }]);
  });
});

describe("a finding that does not pass", () => {
  it("is refused by the checker with one row, and nothing is certified, reserved or sent", () => {
    const table = new Table();
    table.verdict = { ok: false, reason: "leg 0: price differs" };
    table.desk.finding(basket(), T0);
    expect(table.kinds()).toEqual(["opportunity.detected", "opportunity.refused", "opportunity.closed"]);
    expect(table.rows).toMatchObject([
      { refusalStage: "certify", refusal: "certificate.refused", certified: "0", planned: "0" },
    ]);
    expect(table.orders).toEqual([]);
  });

  it("is refused by the gate on a barred quote, at its final size", () => {
    const table = new Table();
    table.view.bar(1, 153);
    table.desk.finding(basket(), T0);
    expect(table.rows).toMatchObject([{ refusalStage: "risk", refusal: "risk.quote_gone" }]);
    expect(table.orders).toEqual([]);
  });

  it("is refused while trading is paused, and passes again afterwards", () => {
    const table = new Table();
    table.desk.operator("pause", "a test", T0);
    expect(table.desk.paused).toBe("a test");
    table.desk.finding(basket(), T0);
    expect(table.rows).toMatchObject([{ refusal: "risk.paused" }]);
    table.desk.operator("resume", "a test", micros(1));
    table.desk.finding(basket(), micros(2_000_000));
    expect(table.orders).toHaveLength(3);
  });

  it("leaves no row when it is only seen again", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    table.desk.finding(basket(), micros(10));
    expect(table.rows).toEqual([]);
    expect(table.refusals).toEqual(["dedupe.same_id"]);
  });
});

describe("a finding whose size is not settled", () => {
  it("waits, is asked about while it waits, and is planned under its first identity when the size settles", () => {
    const table = new Table();
    table.settle(-1);
    table.desk.finding(basket(), T0);
    expect(table.kinds()).toEqual(["opportunity.detected"]);
    expect(table.desk.waiting).toBe(1);
    expect(table.desk.frameEnded(1, micros(1))).toBe(true);
    expect(table.desk.frameEnded(7, micros(1))).toBe(false);
    table.settle(100_000);
    table.desk.finding(basket(4_000), micros(2_000));
    const [detected] = table.decisions;
    expect(table.decisions.at(-1)).toMatchObject({
      kind: "plan.approved",
      id: detected?.kind === "opportunity.detected" ? detected.id : "",
    });
    expect(table.orders.map(({ lots }) => lots)).toEqual([2_000, 2_000, 2_000]);
    expect(table.desk.waiting).toBe(0);
  });

  it("is refused with exactly one row at the first frame after its time", () => {
    const table = new Table();
    table.settle(-1);
    table.desk.finding(basket(), T0);
    table.desk.frameEnded(0, micros(SETTLE_MICROS - 1));
    expect(table.rows).toEqual([]);
    table.desk.frameEnded(0, micros(SETTLE_MICROS));
    table.desk.frameEnded(0, micros(SETTLE_MICROS + 1));
    table.desk.tick(micros(2 * SETTLE_MICROS));
    table.desk.closeAll(micros(2 * SETTLE_MICROS));
    expect(table.rows).toMatchObject([{ refusal: "size.unsettled", closedAt: micros(SETTLE_MICROS) }]);
    expect(table.desk.waiting).toBe(0);
  });

  it("keeps its deadline however often it is found again", () => {
    const table = new Table();
    table.settle(-1);
    for (let step = 0; step < 10; step++) table.desk.finding(basket(), micros(step * 1_000_000));
    table.desk.tick(micros(SETTLE_MICROS));
    expect(table.rows).toHaveLength(1);
    expect(table.kinds().filter((kind) => kind === "opportunity.detected")).toHaveLength(1);
  });

  it("goes past the checker each time it is found, and ends when the checker refuses it", () => {
    const table = new Table();
    table.settle(-1);
    table.desk.finding(basket(), T0);
    table.desk.finding(basket(), micros(1));
    expect(table.verified).toBe(2);
    table.verdict = { ok: false, reason: "expired" };
    table.desk.finding(basket(), micros(2));
    expect(table.rows).toMatchObject([{ refusalStage: "certify", certified: "0" }]);
    expect(table.desk.waiting).toBe(0);
  });

  it("ends with the run: one row each, in the order in which waiting began", () => {
    const table = new Table();
    table.settle(-1);
    for (const family of ["f1", "f2", "f3"]) table.desk.finding(basket(2_000, family), T0);
    table.desk.closeAll(micros(5));
    expect(table.rows.map(({ family, closedAt }) => [family, closedAt])).toEqual([
      ["f1", micros(5)],
      ["f2", micros(5)],
      ["f3", micros(5)],
    ]);
    table.desk.closeAll(micros(6));
    expect(table.rows).toHaveLength(3);
  });

  it("is refused at once when too many wait already", () => {
    const table = new Table();
    table.settle(-1);
    for (let index = 0; index < 1_001; index++) table.desk.finding(basket(2_000, `f${index}`), T0);
    expect(table.desk.waiting).toBe(1_000);
    expect(table.rows.map(({ family, refusal }) => [family, refusal])).toEqual([["f1000", "size.unsettled"]]);
  });
});

describe("money that moves outside of rows", () => {
  it("is nothing for a complete basket, whichever outcome settles first", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    for (const order of table.orders) table.desk.orderUpdate(filled(order), micros(1));
    for (const [market, payout] of [
      ["v:m1", "0"],
      ["v:m0", "1"],
      ["v:m2", "0"],
    ] as const) {
      table.desk.resolved(market, payout, micros(2));
      expect(table.desk.summary()).toMatchObject({ equity: "1001", outsideRows: "0" });
    }
    expect(table.desk.summary()).toMatchObject({ openPositions: 0, cash: "1001" });
  });

  it("is what a claim held to settlement pays beyond its worst state", () => {
    const table = new Table();
    for (const { book } of BOOKS) table.view.set(book, [], [[30, 100_000]]);
    table.desk.finding(basket(), T0);
    const [first, ...others] = table.orders;
    table.desk.orderUpdate(filled(first!), micros(1));
    for (const order of others) table.desk.orderUpdate(filled(order, 0), micros(1));
    for (
      let wait = 1;
      table.desk.summary().openPositions > 0 && table.rows.length === 0 && wait < 50;
      wait++
    ) {
      table.desk.tick(micros(wait * 1_000_000));
    }
    expect(table.rows).toMatchObject([{ outcome: "partial", simulatedRealised: "-3" }]);
    table.desk.resolved("v:m0", "1", micros(60_000_000));
    expect(table.desk.summary()).toMatchObject({ equity: "1007", outsideRows: "10", openPositions: 0 });
  });

  it("a kill pauses and sells what is held", () => {
    const table = new Table();
    table.desk.finding(basket(), T0);
    for (const order of table.orders) table.desk.orderUpdate(filled(order), micros(1));
    const before = table.orders.length;
    table.desk.operator("kill", "enough", micros(2) as Micros);
    expect(table.desk.paused).toBe("enough");
    table.desk.finding(basket(2_000, "g"), micros(3));
    expect(table.rows.at(-1)).toMatchObject({ family: "g", refusal: "risk.paused" });
    expect(table.orders.slice(before).every(({ purpose }) => purpose === "unwind")).toBe(true);
  });
});
