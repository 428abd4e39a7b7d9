import { createHash } from "node:crypto";
import { formatDecimal, type Micros } from "../../contracts/index.ts";
import { certify } from "../../proof/certificate.ts";
import { checkCertificate } from "../../proof/checker.ts";
import { conditionalOnExhaustive } from "../../proof/conditional.ts";
import { quantaText } from "../../proof/exact.ts";
import { collateralOf, conversionOutput, evaluate, type Portfolio } from "../../proof/portfolio.ts";
import type { AppliedConversion, Problem, Style } from "../../proof/problem.ts";
import { solve } from "../../proof/solve.ts";
import { type CaseResult, Comparison, shortest } from "./vector-case.ts";
import { gateInstruments } from "./vector-gates.ts";
import { problemOf } from "./vector-problem.ts";
import { type ArbitrageCase, arbitrageInput, type VectorExpected } from "./vector-schema.ts";

/** Lanes whose closed forms are built; cases of the others are pending. */
const LANES: readonly string[] = ["intra", "structural_bucket"];
const STYLES: readonly Style[] = ["pair", "split_sell", "yes_basket", "no_basket"];
const DIGITS = 6;

/** Solves a case and compares every number of the answer. */
export function checkArbitrage(vector: ArbitrageCase): CaseResult {
  const pending = (why: string): CaseResult => ({ id: vector.id, outcome: "PENDING", notes: [why] });
  if (!LANES.includes(vector.lane)) return pending(`lane ${vector.lane} is not built yet`);
  const input = arbitrageInput.safeParse(vector.input);
  if (!input.success) {
    const issue = input.error.issues[0];
    return pending(`input not supported: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
  }
  const rejected = gateInstruments(input.data);
  const problem = problemOf(input.data, new Set(rejected.keys()));
  const comparison = new Comparison();
  const { expected } = vector;
  comparison.same(
    "rejected",
    sortedJson(expected.rejected_instruments),
    sortedJson(Object.fromEntries(rejected)),
  );
  const portfolio = solve(problem, STYLES);
  comparison.same("tradable", String(expected.tradable), String(portfolio !== null));
  comparePortfolio(comparison, expected, portfolio ?? nothing(problem));
  if (portfolio !== null) compareCertificate(comparison, portfolio, vector.lane);
  compareConditional(comparison, expected, problem);
  return comparison.result(vector.id, `guaranteed ${shortest(expected.guaranteed_profit)}`);
}

/** The empty portfolio: every value 0. */
function nothing(problem: Problem): Portfolio {
  const empty = evaluate(problem, {
    style: "pair",
    lots: problem.claims.map(() => 0),
    conversions: [],
  });
  if (empty === null) throw new Error("the relations have no state, or too many");
  return { ...empty, worst: [] };
}

function comparePortfolio(comparison: Comparison, expected: VectorExpected, found: Portfolio): void {
  compareLegs(comparison, expected, found);
  comparison.same(
    "transforms",
    sortedJson(expected.transforms),
    sortedJson(found.conversions.map(transformText)),
  );
  comparison.same("capital", shortest(expected.capital), quantaText(found.capital));
  comparison.same("immediate_cash", shortest(expected.immediate_cash), quantaText(found.immediateCash));
  comparison.same("fees", shortest(expected.fees), quantaText(found.fees));
  comparison.same("guaranteed_profit", shortest(expected.guaranteed_profit), quantaText(found.guaranteed));
  const payoff = found.states.map(({ name, payoff: value }) => [name, quantaText(value)]);
  const net = found.states.map(({ name, net: value }) => [name, quantaText(value)]);
  comparison.same(
    "payoff_by_state",
    sortedJson(expected.payoff_by_state),
    sortedJson(Object.fromEntries(payoff)),
  );
  comparison.same("net_by_state", sortedJson(expected.net_by_state), sortedJson(Object.fromEntries(net)));
  comparison.same("worst_states", expected.worst_states.join(" "), [...found.worst].sort().join(" "));
}

function compareLegs(comparison: Comparison, expected: VectorExpected, found: Portfolio): void {
  const legs = new Map(found.legs.map((leg) => [`${leg.claim.instrument} ${leg.claim.action}`, leg]));
  for (const want of expected.legs) {
    const key = `${want.instrument} ${want.action}`;
    const leg = legs.get(key);
    legs.delete(key);
    if (leg === undefined) {
      comparison.same(`leg ${want.instrument}`, `${want.action} ${want.qty}`, "none");
      continue;
    }
    const at = (what: string) => `leg ${want.instrument} ${what}`;
    const text = (value: number) => formatDecimal(BigInt(value), DIGITS);
    comparison.same(at("qty"), shortest(want.qty), text(leg.lots));
    if (want.received !== undefined)
      comparison.same(at("received"), shortest(want.received), quantaText(leg.received));
    const fills = leg.fills.map((fill) => [text(fill.ticks), text(fill.lots), quantaText(fill.fee)]);
    comparison.same(at("fills"), sortedJson(want.fills), sortedJson(fills));
    comparison.same(at("gross"), shortest(want.gross), quantaText(leg.gross));
    comparison.same(at("fee"), shortest(want.fee), quantaText(leg.fee));
    const cash = want.action === "buy" ? want.cost : want.proceeds;
    comparison.same(at("cash"), shortest(cash ?? "not given"), quantaText(leg.cash));
  }
  for (const [key, leg] of legs)
    comparison.same(`leg ${key}`, "none", `${leg.claim.action} ${formatDecimal(BigInt(leg.lots), DIGITS)}`);
}

/** What the engine would trade on must also stand up to the independent checker. */
function compareCertificate(comparison: Comparison, portfolio: Portfolio, lane: string): void {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const meta = { lane, family: "vector", issuedAt: 0 as Micros, factSeq: 0 };
  const verdict = checkCertificate(certify(portfolio, meta, sha256), sha256);
  comparison.same("certificate", "verified", verdict.ok ? "verified" : verdict.reason);
}

function compareConditional(comparison: Comparison, expected: VectorExpected, problem: Problem): void {
  const profit = expected.conditional_profit_if_exhaustive;
  if (profit === undefined) return;
  const found = conditionalOnExhaustive(problem);
  const text = (value: bigint | undefined) => (value === undefined ? "none" : quantaText(value));
  comparison.same("conditional_profit_if_exhaustive", shortest(profit), text(found?.profit));
  const loss = expected.loss_if_none_state;
  if (loss !== undefined) comparison.same("loss_if_none_state", shortest(loss), text(found?.lossIfNone));
}

function transformText(conversion: AppliedConversion): Record<string, unknown> {
  const qty = quantaText(conversion.quantity);
  if (conversion.type !== "neg_risk_convert")
    return { type: conversion.type, market: conversion.market, qty };
  const yes = quantaText(conversionOutput(conversion.quantity, conversion.feeBips));
  const outside = conversion.markets.filter((market) => !conversion.noSet.includes(market));
  return {
    type: conversion.type,
    no_set: conversion.noSet,
    qty,
    collateral_out: quantaText(collateralOf(conversion)),
    yes_out: Object.fromEntries(outside.map((market) => [market, yes])),
  };
}

/** JSON with sorted keys and decimals in their shortest form. */
function sortedJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shortest(value));
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}:${sortedJson(item)}`).join(",")}}`;
}
