import type { Certificate, CertificateFee, CertificateTransform, Sha256Hex } from "../contracts/index.ts";

/**
 * The independent checker: integers only (prices and sizes in millionths, money in 1e-12), no solver, no finder's code.
 * Works every number of a certificate out again from its ladders, fees and relations. Are they the market's? binding.ts
 */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Checks a certificate by itself; never throws. The reason names the first check that failed. */
export function checkCertificate(c: Certificate, sha256: Sha256Hex): CheckResult {
  try {
    shape(c, 18);
    must(c.version === 1 && c.kind === "enumerated", "version or kind is not known");
    must(text(c.lane) && text(c.family) && whole(c.issuedAt), "lane, family or time is malformed");
    const index = new Map<string, number>();
    for (const name of list(c.propositions)) {
      must(text(name) && PLAIN_NAME.test(name) && !index.has(name), "propositions are not usable");
      index.set(name, index.size);
    }
    const account = carryOut(c, index);
    checkStates(c, index, account);
    const paid = decimal(c.capital) === account.capital && decimal(c.immediateCash) === account.immediate;
    must(paid && decimal(c.fees) === account.fees, "capital, immediate cash or fees differ");
    const { hash, ...body } = c;
    must(hash === sha256(JSON.stringify(body)), "hash differs");
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Refusal ? error.message : "not of a certificate's shape" };
  }
}

/** Carries the portfolio out: split, buy, convert, merge, sell. In that order nothing is short if nothing is left short. */
function carryOut(c: Certificate, index: ReadonlyMap<string, number>) {
  const markets = new Map<string, number>();
  for (const [name, market] of Object.entries(c.markets)) {
    must(index.has(name) && text(market) && !markets.has(market), "markets are not usable");
    markets.set(market, index.get(name)!);
  }
  shape(c.markets, markets.size);
  const none = c.propositions.map(() => 0n);
  const account = { markets, YES: none, NO: none.slice(), capital: 0n, immediate: 0n, fees: 0n };
  must(list(c.legs).length > 0 && list(c.books).length === c.legs.length, "books: one per leg is due");
  const kept = list(c.transforms).length === 0 && c.legs.every((leg) => leg.action === "buy");
  const depths = new Set<string>();
  for (const [at, { action, fee, instrument, side }] of c.legs.entries()) {
    trade(c, at, account);
    must(kept || fee.type !== "payout_profit", "a fee on winnings is converted or netted", at);
    depths.add((side === "YES") === (action === "buy") ? instrument : ` ${instrument}`);
  }
  must(depths.size === c.legs.length, "the same depth is used twice");
  for (const transform of c.transforms) convert(transform, account);
  const short = [...account.YES, ...account.NO].some((held) => held < 0n);
  must(!short, "more is sold or converted than held");
  return account;
}

type Relation = Certificate["relations"][number];
type Account = ReturnType<typeof carryOut>;

function hold(account: Account, side: "YES" | "NO", market: string, change: bigint): void {
  const at = account.markets.get(market);
  must(at !== undefined, "a market has no proposition");
  account[side][at]! += change;
}

/** Walks a leg's ladder best first, one fill per level; compares fills, fees, contracts received and cash. */
function trade(c: Certificate, at: number, account: Account): void {
  const [leg, book] = [shape(c.legs[at]!, 15), shape(c.books[at]!, 4)];
  const { action, fills, ladder, market, proposition, side } = leg;
  const buys = action === "buy";
  must((buys || action === "sell") && (side === "YES" || side === "NO"), "action or side is not known", at);
  must(text(leg.instrument) && text(leg.venue) && text(leg.feeVersion), "a name is missing", at);
  must(text(proposition) && c.markets[proposition] === market, "market is not the proposition's", at);
  must(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's", at);
  must(whole(book.at) && book.at <= c.issuedAt && text(book.ladderHash), "book is late or not hashed", at);
  const [quantity, lot, least] = [millionths(leg.quantity), millionths(leg.lot), millionths(leg.minQuantity)];
  must(lot > 0 && quantity > 0 && quantity % lot === 0, "quantity is off the lot grid", at);
  must(least >= 0 && quantity >= least, "quantity is below the minimum", at);
  must(list(fills).length > 0 && fills.length <= list(ladder).length, "fills do not fit the ladder", at);
  const terms = termsOf(leg.fee);
  let [previous, left] = [buys ? 0 : E6, quantity];
  let [gross, fee, carried] = [0n, 0n, 0n];
  for (let depth = 0; depth < ladder.length; depth += 1) {
    const level = list(ladder[depth]!);
    const [price, size] = [millionths(level[0]), millionths(level[1])];
    must(level.length === 2 && size > 0 && price > 0 && price < E6, "a level is no quote", at);
    must(buys ? price > previous : price < previous, "ladder is not best first", at);
    previous = price;
    if (depth >= fills.length) continue;
    const fill = list(fills[depth]!);
    const taken = Math.min(left, size);
    must(fill.length === 3 && fill[0] === level[0], "a fill is not at the ladder's price", at);
    must(taken > 0 && millionths(fill[1]) === taken, "a fill differs in size", at);
    const value = product(price, taken);
    // The fee's curve, then what rounding the balance adds and, once a whole unit has come together, gives back.
    const curve = BigInt(taken) * product(price, E6 - price) ** terms.power;
    let due = ((terms.rate * curve + terms.bump) / terms.scale) * terms.step;
    if (terms.unit > 0n) {
      const rounding = ((((buys ? -value : value) - due) % terms.unit) + terms.unit) % terms.unit;
      due += rounding;
      carried += rounding;
      for (; carried > terms.unit && due >= terms.unit; carried -= terms.unit) due -= terms.unit;
    }
    must(decimal(fill[2]) === due, "a fill's fee differs", at);
    left -= taken;
    gross += value;
    fee += due;
  }
  must(left === 0, "fills do not add up to the quantity", at);
  const size = product(quantity, E6);
  const received = buys ? size - ceil(size * terms.withheld, BIPS) : 0n;
  const cash = buys ? gross + fee : gross - fee;
  must(decimal(leg.received) === received && decimal(leg.cash) === cash, "received or cash differs", at);
  const tax = received > gross ? ceil((received - gross) * terms.taxed, BIPS) : 0n;
  hold(account, side, market, buys ? received - tax : -size);
  account[buys ? "capital" : "immediate"] += cash;
  account.fees += fee;
}

/** Rate and power of the fee's curve, how it is rounded, balance precision, bips of contracts and of winnings. */
function termsOf(fee: CertificateFee) {
  must(Object.hasOwn(FEE_FIELDS, fee.type), "fee: type is not known");
  shape(fee, FEE_FIELDS[fee.type]);
  const kalshi = fee.type === "kalshi";
  const quadratic = fee.type === "quadratic";
  const rate = decimal(kalshi || quadratic ? fee.rate : fee.type === "per_contract" ? fee.amount : "0");
  const withheld = fee.type === "in_shares" ? decimal(fee.bps) : 0n;
  const taxed = fee.type === "payout_profit" ? decimal(fee.bps) : 0n;
  const plain = { exponent: kalshi ? 1 : 0, decimals: 12, rounding: "up" } as const;
  const { exponent, decimals, rounding } = quadratic ? fee : plain;
  must(whole(exponent) && exponent <= 4 && whole(decimals), "fee: power or unit is not usable");
  must(["up", "half_up", "down"].includes(rounding), "fee: rounding is not known");
  const step = kalshi ? decimal(fee.tradeFeePrecision) : (TEN[12 - decimals] ?? 0n);
  const unit = kalshi ? decimal(fee.balancePrecision) : 0n;
  const total = rate + withheld + taxed;
  must(total >= 0n && total < BIPS && step > 0n && unit > 0n === kalshi, "fee: rate or unit is not usable");
  const scale = TEN[6 + 12 * exponent]! * step;
  const bump = rounding === "down" ? 0n : rounding === "up" ? scale - 1n : scale / 2n;
  return { rate, power: BigInt(exponent), step, scale, bump, unit, withheld, taxed };
}

/** What a venue does with claims: split and merge pairs, or turn the NO of some outcomes into YES of the others. */
function convert(transform: CertificateTransform, account: Account): void {
  const quantity = decimal(transform.quantity);
  must(quantity > 0n, "transform: quantity is not positive");
  if (transform.type !== "neg_risk_convert") {
    const { market, type } = shape(transform, 3);
    must(type === "split" || type === "merge", "transform: type is not known");
    for (const side of ["YES", "NO"] as const)
      hold(account, side, market, type === "split" ? quantity : -quantity);
    account[type === "split" ? "capital" : "immediate"] += quantity;
    return;
  }
  const { feeBips, markets, noSet } = shape(transform, 5);
  const [all, set] = [new Set(list(markets)), new Set(list(noSet))];
  const inside = noSet.every((market) => all.has(market)) && set.size > 0;
  must(inside && all.size === markets.length && set.size === noSet.length, "transform: sets are not usable");
  must(whole(feeBips) && feeBips <= 10_000, "transform: fee is not usable");
  const out = (amount: bigint) => ((amount * BigInt(10_000 - feeBips)) / 10_000n / TEN[6]!) * TEN[6]!;
  for (const market of all)
    if (set.has(market)) hold(account, "NO", market, -quantity);
    else hold(account, "YES", market, out(quantity));
  account.immediate += out(quantity * BigInt(set.size - 1));
}

/** Works out every truth assignment that the relations allow, false before true, against the states in their order. */
function checkStates(c: Certificate, index: ReadonlyMap<string, number>, account: Account): void {
  const rules = list(c.relations).map((relation) => ruleOf(relation, index, c.issuedAt));
  const touching = c.propositions.map((_, at) => rules.filter((rule) => rule.members.has(at)));
  const flow = account.immediate - account.capital;
  let [seen, steps, worst, least] = [0, 0, "", 0n];
  const visit = (at: number, name: string, net: bigint): void => {
    steps += 1;
    must(steps <= 1_000_000, "states: more than can be tried");
    if (at === touching.length) {
      must(seen < list(c.states).length, "number of states differs");
      const stated = shape(c.states[seen]!, 3);
      must(stated.name === (name || "none"), "a state's name differs");
      must(decimal(stated.net) === net && decimal(stated.payoff) === net - flow, "a state's value differs");
      if (seen === 0 || net < least) [worst, least] = [stated.name, net];
      seen += 1;
      return;
    }
    const also = name === "" ? c.propositions[at]! : `${name}+${c.propositions[at]!}`;
    for (const truth of [0, 1] as const) {
      for (const rule of touching[at]!) decide(rule, at, truth, 1);
      if (touching[at]!.every(({ low, high, least, most }) => low <= most && high >= least))
        visit(at + 1, truth === 1 ? also : name, net + (truth === 1 ? account.YES : account.NO)[at]!);
      for (const rule of touching[at]!) decide(rule, at, truth, -1);
    }
  };
  visit(0, "", flow);
  must(seen > 0 && seen === c.states.length, "number of states differs");
  must(c.worstState === worst && decimal(c.guaranteed) === least, "worst state or guarantee differs");
  must(least > 0n, "guarantee is not positive");
}

/** Settles a member as true (1) or false (0), or takes that back (way -1): what the rule's sum can still come to. */
function decide(rule: ReturnType<typeof ruleOf>, at: number, truth: 0 | 1, way: 1 | -1): void {
  const weight = at === rule.first ? rule.weight : 1;
  if (weight > 0 === (truth === 1)) rule.low += way * Math.abs(weight);
  else rule.high -= way * Math.abs(weight);
}

/** A relation as bounds on a sum over its members (see LAWS), with the least and most it can still come to. */
function ruleOf(relation: Relation, index: ReadonlyMap<string, number>, now: number) {
  must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
  const [fields, lawOf] = LAWS[relation.type];
  must(Object.keys(relation).join(" ") === fields, "relation: fields are not these or out of order");
  must(text(relation.evidenceHash) && live(relation.expiresAt, now), "relation: evidence is not valid");
  const pair = "a" in relation ? [relation.a, relation.b] : [];
  const names = "parent" in relation ? [relation.parent, ...list(relation.children)] : pair;
  const listed = list("propositions" in relation ? relation.propositions : names);
  const members = new Set(listed.map((name) => index.get(name) ?? -1));
  const [n, k] = [members.size, "k" in relation ? relation.k : 0];
  must(n > 0 && n === listed.length && !members.has(-1) && whole(k), "relation: members or k are not usable");
  const [weight, least, most] = lawOf(n, k);
  const [low, high] = [Math.min(weight, 0), n - 1 + Math.max(weight, 0)];
  return { members, first: index.get(listed[0]!)!, weight, least, most, low, high };
}

/** Of n members: least <= weight * (1 if the first, `a` or the parent, is true) + true others <= most. */
type Law = (n: number, k: number) => readonly [weight: number, least: number, most: number];
const GROUP = "evidenceHash expiresAt propositions type";
const COUNTED = "evidenceHash expiresAt k propositions type";
const PAIR = "a b evidenceHash expiresAt type";
const NESTED = "children evidenceHash expiresAt parent type";
const LAWS: Readonly<Record<Relation["type"], readonly [fields: string, law: Law]>> = {
  unknown: [GROUP, (n) => [1, 0, n]],
  exclusive: [GROUP, () => [1, 0, 1]],
  exhaustive: [GROUP, (n) => [1, 1, n]],
  at_most: [COUNTED, (_, k) => [1, 0, k]],
  at_least: [COUNTED, (n, k) => [1, k, n]],
  implies: [PAIR, () => [-1, 0, 1]],
  equals: [PAIR, () => [-1, 0, 0]],
  complement: [PAIR, () => [1, 1, 1]],
  union: [NESTED, (n) => [-n, 1 - n, 0]],
  intersection: [NESTED, (n) => [-n, -1, n - 2]],
};
const FEE_FIELDS = { none: 1, in_shares: 2, payout_profit: 2, per_contract: 2, kalshi: 4, quadratic: 5 };
const E6 = 1_000_000;
const SAFE = Number.MAX_SAFE_INTEGER;
const TEN = Array.from({ length: 55 }, (_, power) => 10n ** BigInt(power));
const POWER = TEN.slice(0, 13).map(Number);
const BIPS = TEN[16]!;
/** A name that neither reads as a state nor moves among the keys of an object. */
const PLAIN_NAME = /^(?!none$|\d+$)[^+]+$/;

class Refusal extends Error {}

function must(condition: boolean, reason: string, leg?: number): asserts condition {
  if (!condition) throw new Refusal(leg === undefined ? reason : `leg ${leg}: ${reason}`);
}

/** Decimal text in units of 10^-digits; exact where that is a safe integer, beyond the safe integers where not. */
function scaled(value: string, digits: number): number {
  must(typeof value === "string" && value.length < 48, "a number is no decimal text");
  const start = value.charCodeAt(0) === 45 ? 1 : 0;
  let [number, point] = [0, -1];
  for (let at = start; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    const isPoint = digit === -2 && point < 0 && at > start && at < value.length - 1;
    must(isPoint || (digit >= 0 && digit <= 9), "a number is no decimal text");
    if (isPoint) point = at;
    else number = number * 10 + digit;
  }
  const places = point < 0 ? 0 : value.length - 1 - point;
  must(value.length > start && places <= digits, "a number is empty or too fine");
  number *= POWER[digits - places]!;
  must(digits > 6 || number <= SAFE, "a price or size is too large");
  return start === 1 ? -number : number;
}

/** Exact decimal text as quanta. */
function decimal(value: unknown): bigint {
  const number = scaled(value as string, 12);
  if (Number.isSafeInteger(number)) return BigInt(number);
  const [units = "", part = ""] = (value as string).split(".");
  return BigInt(units + part.padEnd(12, "0"));
}

function list<T>(value: readonly T[]): readonly T[] {
  must(Array.isArray(value) && value.length <= 4096, "a list is missing or too long");
  return value;
}

/** So many fields, their names sorted: as each one is read, nothing unknown is hashed and the JSON is canonical. */
function shape<T extends object>(value: T, fields: number): T {
  const keys = Object.keys(value);
  must(keys.length === fields, "a field is missing or not known");
  for (let at = 1; at < fields; at += 1) must(keys[at - 1]! < keys[at]!, "fields are out of order");
  return value;
}

const text = (value: unknown) => typeof value === "string" && value !== "" && value.length < 513;
const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const millionths = (value: unknown): number => scaled(value as string, 6);
const live = (until: unknown, now: number) => until === null || (whole(until) && until > now);
const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
const product = (a: number, b: number) => (a * b <= SAFE ? BigInt(a * b) : BigInt(a) * BigInt(b));
