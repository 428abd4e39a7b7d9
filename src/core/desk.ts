import {
  type Decision,
  type Finding,
  formatDecimal,
  Kind,
  type LedgerSummary,
  type Micros,
  type Opportunity,
  type OrderUpdate,
  PICO_DIGITS,
  type Pico,
  type Plan,
  parseDecimal,
  type Reason,
  reasonNumber,
} from "../contracts/index.ts";
import type { DeskParts } from "./desk-parts.ts";
import type { Execution } from "./execution/execution.ts";
import { closedRow, refusedRow } from "./execution/row.ts";
import { book, type ClosedPlan, type ExecutionStep } from "./execution/step.ts";
import { without } from "./ledger/holdings.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Holding } from "./ledger/worst-value.ts";
import { DegradedScopes } from "./risk/degraded.ts";
import { judge } from "./risk/gate.ts";
import { ROUNDING_MARGIN, reservationOf } from "./risk/reserve.ts";
import type { RiskState } from "./risk/rules.ts";
import { capitalByVenue } from "./sizing/capital.ts";
import { WaitingRoom } from "./waiting.ts";

/**
 * From a finding to its end: identity, proof, size, gate, orders, books. Control flow only; every judgement is a part's.
 * Each opportunity that passes de-duplication leaves exactly one `opportunity.closed` row.
 */
export class Desk {
  readonly #parts: DeskParts;
  readonly #waiting: WaitingRoom;
  /** Venues whose feed gives no size. */
  readonly degraded = new DegradedScopes();
  #paused: string | null = null;
  /** Sum of the realised money of all rows written. */
  #rowsTotal = 0n;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#waiting = new WaitingRoom(parts.settleMicros);
  }

  get ledger(): Ledger {
    return this.#parts.ledger;
  }

  /** Listings changed: what is known of families is read anew. */
  listingsChanged(): void {
    this.#parts.families.touch();
  }

  /** Cash, reservations and open claims at their worst state. */
  equity(): Pico {
    return this.#parts.ledger.equityAtWorst(this.#worst);
  }

  summary(): LedgerSummary {
    const summary = this.#parts.ledger.summary(this.#worst);
    const start = parseDecimal(summary.startCash, PICO_DIGITS) ?? 0n;
    return { ...summary, outsideRows: money((this.equity() - start - this.#rowsTotal) as Pico) };
  }

  /** Opportunities that wait for a settled size. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Why trading is paused; null when it is not. */
  get paused(): string | null {
    return this.#parts.daily.off ? "daily drawdown" : this.#paused;
  }

  /** One finding of a lane. */
  finding(finding: Finding, at: Micros): void {
    const { opportunities, out, view } = this.#parts;
    this.#expire(at);
    const waiting = this.#waiting.opportunityOf(finding);
    if (waiting !== undefined) {
      this.#certify({ ...waiting, finding }, at);
      return;
    }
    const { opportunity, refused } = opportunities.admit(finding, at, view.factSeq);
    if (refused !== null) {
      out.quote(Kind.REFUSAL, 0, finding.legs[0]?.book ?? -1, reasonNumber(refused.reason), at);
      return;
    }
    const { lane, family, style, certificate } = finding;
    const { guaranteed, capital } = certificate;
    this.#decide(
      { kind: "opportunity.detected", id: opportunity.id, lane, family, style, guaranteed, capital, finding },
      at,
    );
    this.#certify(opportunity, at);
  }

  /** A frame of a book ended: refuses what waited too long. @returns whether something still waits for this book. */
  frameEnded(book: number, at: Micros): boolean {
    this.#expire(at);
    return this.#waiting.isOn(book);
  }

  orderUpdate(update: OrderUpdate, at: Micros): void {
    this.#carryOut(this.#parts.execution.update(update, this.#parts.view, at), at);
  }

  tick(at: Micros): void {
    this.#expire(at);
    this.#carryOut(this.#parts.execution.tick(this.#parts.view, at), at);
    this.#watchDrawdown(at);
  }

  resolved(market: string, yesPayout: string, at: Micros): void {
    const { ledger, exposure, families } = this.#parts;
    families.settled(market, yesPayout);
    ledger.settle(market, yesPayout);
    exposure.settled(market);
    this.#watchDrawdown(at);
  }

  operator(action: "pause" | "resume" | "kill", why: string, at: Micros): void {
    this.#paused = action === "resume" ? null : why;
    if (action === "resume") this.#parts.daily.resume(this.equity());
    if (action === "kill") this.#liquidate(`kill-${at}`, at);
  }

  /** End of the run: one row for each plan that has not ended and each opportunity whose size never settled. */
  closeAll(at: Micros): void {
    this.#expire(Number.POSITIVE_INFINITY as Micros, at);
    for (const closed of this.#parts.execution.unfinished()) this.#row(closed, at);
  }

  /** Every finding goes past the independent checker, also when an opportunity that waits is found anew. */
  #certify(opportunity: Opportunity, at: Micros): void {
    const verdict = this.#parts.verifyFinding(opportunity.finding);
    if (verdict.ok) {
      this.#plan(opportunity, at);
      return;
    }
    this.#waiting.leave(opportunity.finding);
    this.#refuse(opportunity, "certify", "certificate.refused", verdict.reason, null, at);
  }

  #plan(opportunity: Opportunity, at: Micros): void {
    const { sizer, ledger, exposure, drawdown, view } = this.#parts;
    const sized = sizer.size(opportunity, {
      bankroll: this.equity(),
      drawdownMultiplier: drawdown.multiplier,
      familyExposure: (family) => exposure.family(family),
      venueExposure: (venue) => exposure.venue(venue),
      totalExposure: exposure.total,
      freeCash: (venue, currency) => ledger.freeCash(venue, currency),
      view,
    });
    // While its lane still finds it, an opportunity may wait for the median of the last valid books.
    const mayWait = !("plan" in sized) && sized.reason === "size.unsettled";
    if (mayWait && this.#waiting.keep(opportunity, sized.detail, at)) return;
    this.#waiting.leave(opportunity.finding);
    if ("plan" in sized) this.#gate(sized.plan, at);
    else this.#refuse(opportunity, "size", sized.reason, sized.detail, null, at);
  }

  /** Refuses, at `at`, what may wait no longer at `now`. */
  #expire(now: Micros, at: Micros = now): void {
    for (let late = this.#waiting.takeExpired(now); late !== null; late = this.#waiting.takeExpired(now)) {
      this.#refuse(late.opportunity, "size", "size.unsettled", late.detail, null, at);
    }
  }

  #gate(plan: Plan, at: Micros): void {
    const { limits, ledger } = this.#parts;
    const state = this.#riskState(plan, at);
    const final: Finding = { ...plan.opportunity.finding, legs: plan.legs, certificate: plan.certificate };
    const { approved, refusal } = judge(plan, state, limits, () => this.#parts.verifyFinding(final));
    if (approved === null) {
      this.#refuse(plan.opportunity, "risk", refusal.reason, refusal.detail, plan, at);
      return;
    }
    const { id } = plan.opportunity;
    if (!ledger.reserve(id, state.reservation ?? [])) {
      this.#refuse(plan.opportunity, "risk", "risk.cash", "the reservation was refused", plan, at);
      return;
    }
    this.#start(approved, at);
  }

  #start(plan: Parameters<Execution["start"]>[0], at: Micros): void {
    const { execution, exposure, opportunities, view } = this.#parts;
    const { id, finding } = plan.opportunity;
    exposure.set(id, {
      family: finding.family,
      byVenue: capitalByVenue(plan.certificate) ?? new Map(),
      markets: plan.certificate.legs.map(({ market }) => market),
    });
    opportunities.opened(finding.family);
    this.#decide(
      {
        kind: "plan.approved",
        id,
        legs: plan.legs,
        capital: money(plan.capital),
        guaranteed: money(plan.guaranteed),
        boundBy: plan.boundBy,
        certificateHash: plan.certificate.hash,
      },
      at,
    );
    this.#carryOut(execution.start(plan, view, at), at);
  }

  #riskState(plan: Plan, at: Micros): RiskState {
    const { ledger, exposure, execution, daily, view, orderFee } = this.#parts;
    return {
      now: at,
      paused: this.#paused,
      degraded: (venue) => this.degraded.of(venue),
      drawdownHit: daily.off,
      openPlans: execution.openPlans,
      equity: this.equity(),
      familyExposure: (family) => exposure.family(family),
      venueExposure: (venue) => exposure.venue(venue),
      totalExposure: exposure.total,
      freeCash: (venue, currency) => ledger.freeCash(venue, currency),
      reservation: reservationOf(plan, view, orderFee, at, ROUNDING_MARGIN),
      view,
    };
  }

  /** Books what execution did, in order, and passes its commands on. */
  #carryOut(step: ExecutionStep, at: Micros): void {
    const { ledger, out } = this.#parts;
    for (const entry of step.entries) book(ledger, entry);
    for (const { reason } of step.alarms) out.quote(Kind.REFUSAL, 0, -1, reasonNumber(reason), at);
    for (const command of step.commands) out.command(command, at);
    for (const closed of step.closed) this.#ended(closed, at);
    if (step.entries.length > 0) this.#watchDrawdown(at);
  }

  #ended(closed: ClosedPlan, at: Micros): void {
    const { ledger, exposure, opportunities, drawdown } = this.#parts;
    const { id, finding } = closed.plan.opportunity;
    ledger.release(id);
    exposure.set(id, {
      family: finding.family,
      byVenue: closed.atRisk,
      markets: closed.holdings.map(({ market }) => market),
    });
    opportunities.closed(finding.family, at);
    drawdown.observe(Number(this.equity()));
    this.#row(closed, at);
  }

  #row(closed: ClosedPlan, at: Micros): void {
    const title = this.#parts.families.titleOf(closed.plan.opportunity.finding.family);
    this.#rowsTotal += closed.simulatedRealised;
    this.#decide({ kind: "opportunity.closed", row: closedRow(closed, title, at) }, at);
  }

  #refuse(
    opportunity: Opportunity,
    stage: "certify" | "dedupe" | "size" | "risk",
    reason: Reason,
    detail: string,
    plan: Plan | null,
    at: Micros,
  ): void {
    this.#decide({ kind: "opportunity.refused", id: opportunity.id, stage, reason, detail }, at);
    const title = this.#parts.families.titleOf(opportunity.finding.family);
    const row = refusedRow(opportunity, { stage, reason, plan }, title, at);
    this.#decide({ kind: "opportunity.closed", row }, at);
  }

  /** What open plans have moved so far is left out, so that an unfinished basket is no drawdown. */
  #watchDrawdown(at: Micros): void {
    const { daily, execution } = this.#parts;
    if (daily.observe((this.equity() - execution.openResult()) as Pico, at))
      this.#liquidate(`drawdown-${at}`, at);
  }

  #liquidate(id: string, at: Micros): void {
    const { execution, ledger, view, families } = this.#parts;
    const ended = without(ledger.holdings(), execution.heldByPlans());
    this.#carryOut(execution.liquidate(id, families.sellable(ended), view, at), at);
  }

  readonly #worst = (holdings: readonly Holding[]): Pico => this.#parts.families.worst(holdings);

  #decide(decision: Decision, at: Micros): void {
    this.#parts.out.decision(decision, at);
  }
}

const money = (amount: Pico): string => formatDecimal(amount, PICO_DIGITS);
