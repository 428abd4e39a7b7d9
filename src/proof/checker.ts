import type { Certificate, CertificateFee, CertificateLeg, Sha256Hex } from "../contracts/index.ts";
import { bind, type CheckContext } from "./checker-binding.ts";
import { enumerate } from "./checker-states.ts";
import {
  BOOK,
  CERTIFICATE,
  CONVERT,
  decimal,
  FEES,
  LEG,
  list,
  must,
  NETTING,
  Refusal,
  STATE,
  shape,
  TEN,
  text,
  whole,
} from "./checker-text.ts";

/**
 * The independent checker: integers only, no solver, no code shared with the finders. It works out every number of a
 * certificate again from its ladders, fee terms and relations and refuses at the first difference. Whether ladders,
 * fees and labels are those of the real market only a `context` can tell. Money and contracts in quanta of 1e-12.
 */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const E12 = 1_000_000_000_000n;
const BIPS = 10_000n * E12;
const CUBE = E12 ** 3n;

/** Checks a certificate; never throws. The reason names the first check that failed. */
export function checkCertificate(c: Certificate, sha256: Sha256Hex, context?: CheckContext): CheckResult {
  try {
    check(c, sha256);
    if (context !== undefined) bind(c, sha256, context);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Refusal ? error.message : "not of a certificate's shape" };
  }
}

function check(c: Certificate, sha256: Sha256Hex): void {
  shape(c, CERTIFICATE);
  must(c.version === 1 && c.kind === "enumerated", "version or kind is not known");
  must(text(c.lane) && text(c.family) && whole(c.issuedAt), "lane, family or time is malformed");
  const index = new Map(list(c.propositions).map((name, at) => [name, at]));
  const plain = (name: string) => text(name) && name !== "none" && !name.includes("+") && !/^\d+$/.test(name);
  must(index.size === c.propositions.length && c.propositions.every(plain), "propositions are not usable");
  const markets = new Map<string, number>();
  let last = "";
  for (const name of Object.keys(c.markets)) {
    const usable = index.has(name) && text(c.markets[name]) && !markets.has(c.markets[name]) && name > last;
    must(usable, "markets are not usable");
    markets.set(c.markets[name]!, index.get(name)!);
    last = name;
  }
  const yes = c.propositions.map(() => 0n);
  const no = yes.slice();
  const money = carryOut(c, markets, yes, no);
  const states = enumerate(c, index);
  must(states.length === list(c.states).length, "number of states differs");
  const flow = money.immediate - money.capital;
  const base = no.reduce((sum, contracts) => sum + contracts, flow);
  let worst = 0;
  let least = 0n;
  for (let at = 0; at < states.length; at += 1) {
    const state = states[at]!;
    const stated = c.states[at]!;
    shape(stated, STATE);
    let net = base;
    for (const p of state) net += yes[p]! - no[p]!;
    must(stated.name === (state.map((p) => c.propositions[p]).join("+") || "none"), "a state's name differs");
    must(
      decimal(stated.net) === net && decimal(stated.payoff) === net - flow,
      "a state's payoff or net differs",
    );
    if (at > 0 && net >= least) continue;
    worst = at;
    least = net;
  }
  must(
    c.worstState === c.states[worst]!.name && decimal(c.guaranteed) === least,
    "worst state or guarantee differs",
  );
  must(least > 0n, "guarantee is not positive");
  must(decimal(c.capital) === money.capital, "capital differs");
  must(decimal(c.immediateCash) === money.immediate, "immediate cash differs");
  must(decimal(c.fees) === money.fees, "fees differ");
  const { hash, ...body } = c;
  must(hash === sha256(JSON.stringify(body)), "hash differs");
}

/** Carries the portfolio out: split, buy, convert, merge, sell. In that order nothing is short if nothing is left short. */
function carryOut(c: Certificate, markets: ReadonlyMap<string, number>, yes: bigint[], no: bigint[]) {
  const money = { capital: 0n, immediate: 0n, fees: 0n };
  const hold = (side: bigint[], market: string, change: bigint): void => {
    must(markets.has(market), "a market has no proposition");
    side[markets.get(market)!]! += change;
  };
  must(list(c.legs).length > 0 && list(c.books).length === c.legs.length, "books: one per leg is due");
  const depths = new Set<string>();
  for (let at = 0; at < c.legs.length; at += 1) {
    const leg = c.legs[at]!;
    const book = c.books[at]!;
    const ok = (condition: boolean, what: string) => must(condition, condition ? "" : `leg ${at}: ${what}`);
    shape(leg, LEG);
    shape(book, BOOK);
    ok(text(leg.proposition) && c.markets[leg.proposition] === leg.market, "market is not the proposition's");
    ok(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's");
    ok(whole(book.at) && book.at <= c.issuedAt, "book is later than the certificate");
    depths.add(`${leg.instrument}/${(leg.side === "YES") === (leg.action === "buy")}`);
    const order = walk(leg, ok);
    ok(text(book.ladderHash), "ladder hash is missing");
    const buys = leg.action === "buy";
    hold(leg.side === "YES" ? yes : no, leg.market, buys ? order.payout : -order.quantity);
    if (buys) money.capital += order.cash;
    else money.immediate += order.cash;
    money.fees += order.fee;
  }
  must(depths.size === c.legs.length, "the same depth is used twice");
  const kept = list(c.transforms).length === 0 && c.legs.every((leg) => leg.action === "buy");
  must(
    kept || c.legs.every((leg) => leg.fee.type !== "payout_profit"),
    "a fee on winnings is converted or netted",
  );
  for (const transform of c.transforms) {
    const quantity = decimal(transform.quantity);
    must(quantity > 0n, "transform: quantity is not positive");
    if (transform.type === "neg_risk_convert") {
      shape(transform, CONVERT);
      const [members, set] = [new Set(list(transform.markets)), new Set(list(transform.noSet))];
      const apart = members.size === transform.markets.length && set.size === transform.noSet.length;
      must(
        apart && set.size > 0 && transform.noSet.every((market) => members.has(market)),
        "transform: bad set",
      );
      must(whole(transform.feeBips) && transform.feeBips <= 10_000, "transform: fee is not usable");
      const share = BigInt(10_000 - transform.feeBips);
      const out = (amount: bigint) => ((amount * share) / 10_000n / TEN[6]!) * TEN[6]!;
      for (const market of members)
        hold(set.has(market) ? no : yes, market, set.has(market) ? -quantity : out(quantity));
      money.immediate += out(quantity * BigInt(set.size - 1));
    } else {
      shape(transform, NETTING);
      must(transform.type === "split" || transform.type === "merge", "transform: type is not known");
      const splits = transform.type === "split";
      for (const side of [yes, no]) hold(side, transform.market, splits ? quantity : -quantity);
      if (splits) money.capital += quantity;
      else money.immediate += quantity;
    }
  }
  must(
    [...yes, ...no].every((contracts) => contracts >= 0n),
    "more is sold or converted than held",
  );
  return money;
}

/** Walks a leg's ladder best first, one fill per level, and compares fills, fees, contracts received and cash. */
function walk(leg: CertificateLeg, ok: (condition: boolean, what: string) => void) {
  const buys = leg.action === "buy";
  ok(
    (buys || leg.action === "sell") && (leg.side === "YES" || leg.side === "NO"),
    "action or side is not known",
  );
  ok(text(leg.instrument) && text(leg.venue) && text(leg.feeVersion), "a name is missing");
  const quantity = decimal(leg.quantity);
  const lot = decimal(leg.lot);
  const least = decimal(leg.minQuantity);
  ok(lot > 0n && quantity > 0n && quantity % lot === 0n, "quantity is off the lot grid");
  ok(least >= 0n && quantity >= least, "quantity is below the minimum");
  ok(
    list(leg.fills).length > 0 && leg.fills.length <= list(leg.ladder).length,
    "fills do not fit the ladder",
  );
  const terms = termsOf(leg.fee);
  let previous = buys ? 0n : E12;
  let left = quantity;
  let gross = 0n;
  let fee = 0n;
  let carried = 0n;
  for (let at = 0; at < leg.ladder.length; at += 1) {
    const level = leg.ladder[at]!;
    const price = decimal(level[0]);
    const size = decimal(level[1]);
    ok(level.length === 2 && size > 0n && price > 0n && price < E12, "a level is no quote");
    ok(buys ? price > previous : price < previous, "ladder is not best first");
    previous = price;
    const fill = leg.fills[at];
    if (fill === undefined) continue;
    const lasts = left <= size;
    const taken = lasts ? left : size;
    ok(fill.length === 3 && fill[0] === level[0], "a fill is not at the ladder's price");
    ok(taken > 0n && decimal(fill[1]) === taken, "a fill differs in size");
    ok((price * taken) % E12 === 0n, "price times size is not exact");
    const value = (price * taken) / E12;
    const charge = feeOf(terms, buys, price, taken, value, carried);
    ok(decimal(fill[2]) === charge[0], "a fill's fee differs");
    left -= taken;
    gross += value;
    fee += charge[0];
    carried = charge[1];
  }
  ok(left === 0n, "fills do not add up to the quantity");
  const withheld = terms.type === "in_shares" ? ceil(quantity * terms.rate, BIPS) : 0n;
  const received = buys ? quantity - withheld : 0n;
  const cash = buys ? gross + fee : gross - fee;
  ok(decimal(leg.received) === received, "contracts received differ");
  ok(decimal(leg.cash) === cash, "cash differs");
  const taxed = terms.type === "payout_profit" && received > gross;
  const payout = taxed ? received - ceil((received - gross) * terms.rate, BIPS) : received;
  return { quantity, payout, cash, fee };
}

/** Fee terms read; `unit` is the quadratic's rounding unit or Kalshi's balance precision. */
function termsOf(fee: CertificateFee) {
  must(Object.hasOwn(FEES, fee.type), "fee: type is not known");
  shape(fee, FEES[fee.type]!);
  const terms = { type: fee.type, rate: 0n, unit: 1n, trade: 1n, power: 1n, scale: CUBE, rounding: "up" };
  if (fee.type === "kalshi" || fee.type === "quadratic") terms.rate = decimal(fee.rate);
  else if (fee.type !== "none") terms.rate = decimal(fee.type === "per_contract" ? fee.amount : fee.bps);
  if (fee.type === "kalshi")
    [terms.unit, terms.trade] = [decimal(fee.balancePrecision), decimal(fee.tradeFeePrecision)];
  if (fee.type === "quadratic") {
    must(
      whole(fee.exponent) && fee.exponent <= 4 && whole(fee.decimals) && fee.decimals <= 12,
      "fee: bad power",
    );
    must(["up", "down", "half_up"].includes(fee.rounding), "fee: rounding is not known");
    [terms.power, terms.unit, terms.rounding] = [BigInt(fee.exponent), TEN[12 - fee.decimals]!, fee.rounding];
    terms.scale = E12 ** (2n * terms.power + 1n);
  }
  must(
    terms.rate >= 0n && terms.rate < BIPS && terms.unit > 0n && terms.trade > 0n,
    "fee: terms are not usable",
  );
  return terms;
}

type Terms = ReturnType<typeof termsOf>;

/** Fee of one fill, and Kalshi's sum of rounding fees that the order carries on. */
function feeOf(
  t: Terms,
  buys: boolean,
  price: bigint,
  size: bigint,
  value: bigint,
  carried: bigint,
): [bigint, bigint] {
  if (t.type === "per_contract") return [ceil(size * t.rate, E12), carried];
  if (t.type !== "kalshi" && t.type !== "quadratic") return [0n, carried];
  const spread = price * (E12 - price);
  const curve = t.rate * size * (t.power === 1n ? spread : spread ** t.power);
  if (t.type === "quadratic") {
    const unit = t.scale * t.unit;
    if (t.rounding === "up") return [ceil(curve, unit) * t.unit, carried];
    return [((t.rounding === "half_up" ? curve + unit / 2n : curve) / unit) * t.unit, carried];
  }
  const trade = ceil(curve, t.scale * t.trade) * t.trade;
  const change = buys ? -value - trade : value - trade;
  const rounding = ((change % t.unit) + t.unit) % t.unit;
  const charged = trade + rounding;
  const sum = carried + rounding;
  let rebate = sum > t.unit ? ((sum - 1n) / t.unit) * t.unit : 0n;
  if (rebate > charged) rebate = charged - (charged % t.unit);
  return [charged - rebate, sum - rebate];
}

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
