import { hash } from "node:crypto";
import {
  type Finding,
  Kind,
  type LaneModule,
  type MarketView,
  type Micros,
  type Side,
} from "../contracts/index.ts";
import { Desk } from "../core/desk.ts";
import { Engine } from "../core/engine.ts";
import { Execution } from "../core/execution/execution.ts";
import { FamilyIndex } from "../core/family-index.ts";
import { Ledger } from "../core/ledger/ledger.ts";
import { Replica } from "../core/market/replica.ts";
import { Opportunities } from "../core/opportunities.ts";
import type { EngineOutput } from "../core/output.ts";
import { DailyDrawdown } from "../core/risk/daily-drawdown.ts";
import { Exposure } from "../core/risk/exposure.ts";
import { DrawdownScale } from "../core/sizing/drawdown.ts";
import { Sizer } from "../core/sizing/size.ts";
import { checkBound } from "../proof/binding.ts";
import { checkContext } from "../proof/context.ts";
import { arbitrageKelly } from "../proof/kelly.ts";
import { resize } from "../proof/resize.ts";
import { PaperExchange } from "../sim/exchange/exchange.ts";
import { SeededRng } from "../sim/rng.ts";
import { EmpError } from "./emp-error.ts";
import { orderFee, orderFees } from "./order-fees.ts";
import {
  drawdownOptions,
  executionOptions,
  firewallOptions,
  opportunityOptions,
  paperOptions,
  riskLimits,
  sizingOptions,
  startCash,
} from "./profile/core-options.ts";
import type { Profile } from "./profile/schema.ts";
import { type OrderVenue, type Recorder, Session, type SessionTap } from "./session.ts";

/** Free cash is deposited at every venue of the profile, in the currency of its module. */
export interface AssemblyVenue {
  readonly id: string;
  readonly currency: string;
}

export const sha256Hex = (text: string): string => hash("sha256", text, "hex");

/** An engine of a profile whose judgements go to `out`. */
export function assembleEngine(
  profile: Profile,
  venues: readonly AssemblyVenue[],
  registry: ReadonlyMap<string, LaneModule<unknown>>,
  out: EngineOutput,
): Engine {
  const replica = new Replica(
    {
      maxBooks: profile.limits.maxBooks,
      denseBudgetBytes: profile.limits.denseBudgetBytes,
      firewall: firewallOptions(profile),
      sha256: sha256Hex,
    },
    {
      quarantine: (book, side, reason, at) =>
        out.quote(Kind.QUARANTINE, side as Side, book, reason, at as Micros),
      release: (book, side, reason, at) => out.quote(Kind.RELEASE, side as Side, book, reason, at as Micros),
      invalid: (book, reason, at) => out.quote(Kind.REFUSAL, 0, book, reason, at as Micros),
      refused: () => {},
    },
  );
  const lanes = Object.entries(profile.lanes).map(([id, options]) => {
    const module = registry.get(id);
    if (module === undefined) {
      throw new EmpError(
        "profile.lane",
        `profile ${profile.name}: lanes: expected one of ${[...registry.keys()].join(", ")}, found "${id}"`,
      );
    }
    return { id, lane: module.create(module.parse(options)) };
  });
  return new Engine(replica, lanes, assembleDesk(profile, venues, replica.view, out));
}

/** A session: an engine of the profile, a paper exchange (or where else orders go), a recorder and taps, wired to each other. */
export function assembleSession(
  profile: Profile,
  venues: readonly AssemblyVenue[],
  registry: ReadonlyMap<string, LaneModule<unknown>>,
  recorder: Recorder,
  taps: readonly SessionTap[],
  orders: OrderVenue = paperExchange(profile),
): Session {
  const session = new Session(recorder, orders, taps);
  session.attach(assembleEngine(profile, venues, registry, session));
  return session;
}

function paperExchange(profile: Profile): PaperExchange {
  return new PaperExchange(paperOptions(profile), new SeededRng(profile.seed).fork("paper"), orderFees);
}

function assembleDesk(
  profile: Profile,
  venues: readonly AssemblyVenue[],
  view: MarketView,
  out: EngineOutput,
): Desk {
  const families = new FamilyIndex(view);
  const limits = riskLimits(profile);
  const sizing = sizingOptions(profile);
  const deposits = venues.map(({ id, currency }) => ({
    venue: id,
    currency,
    amount: startCash(profile, id),
  }));
  const parCurrencies = [...new Set(venues.map(({ currency }) => currency))];
  return new Desk({
    view,
    out,
    opportunities: new Opportunities(
      opportunityOptions(profile),
      sha256Hex,
      (book) => view.instrument(book)?.key ?? `book ${book}`,
    ),
    sizer: new Sizer(sizing, arbitrageKelly, (finding, maxLots, maxCapital) =>
      resize(finding, { maxLots, maxCapital }, (book) => view.instrument(book), sha256Hex),
    ),
    drawdown: new DrawdownScale(drawdownOptions(profile)),
    daily: new DailyDrawdown(limits.dailyDrawdownPpm),
    exposure: new Exposure(),
    ledger: new Ledger({ deposits, parCurrencies }),
    execution: new Execution(executionOptions(profile), (market) => families.canMerge(market)),
    limits,
    verifyFinding: (finding) => verifyFinding(finding, view, families),
    orderFee,
    families,
    settleMicros: profile.opportunity.settleMs * 1000,
  });
}

function verifyFinding(
  finding: Finding,
  view: MarketView,
  families: FamilyIndex,
): ReturnType<typeof checkBound> {
  const family = families.byKey(finding.certificate.family);
  if (family === undefined) return { ok: false, reason: "the family is not listed" };
  return checkBound(finding.certificate, sha256Hex, checkContext(finding, view, family));
}
