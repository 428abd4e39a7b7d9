import type { Certificate, CertificateFee, CertificateTransform, Sha256Hex } from "../contracts/index.ts";

/**
 * The independent checker: integers only, no solver, no code of the finders. Works out every number of a certificate
 * again from its ladders, fee terms and relations; whether those are the market's only a `context` can tell. Prices and
 * sizes are safe integers in millionths (others are refused), money and contracts held bigints in quanta of 1e-12.
 */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * What is true of the market: the JSON (keys sorted) of everything a certificate may rest on, namely
 * ["of", lane, family, issuedAt, propositions, markets], ["relation", relation], ["transform", one of quantity "" and
 * noSet []], ["leg", leg without cash, fills, ladder, quantity and received, its book].
 */
export interface CheckContext {
  readonly now: number;
  readonly inputs: ReadonlySet<string>;
}

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
  must(decimal(c.capital) === account.capital, "capital differs");
  must(decimal(c.immediateCash) === account.immediate, "immediate cash differs");
  must(decimal(c.fees) === account.fees, "fees differ");
  const { hash, ...body } = c;
  must(hash === sha256(JSON.stringify(body)), "hash differs");
}

/** Binds a certificate to the market: everything it rests on must be among what is true. */
function bind(c: Certificate, sha256: Sha256Hex, { now, inputs }: CheckContext): void {
  must(c.issuedAt <= now, "certificate is from the future");
  const rests: unknown[][] = [["of", c.lane, c.family, c.issuedAt, c.propositions, c.markets]];
  for (const relation of c.relations) rests.push(["relation", relation]);
  for (const [at, { cash, fills, ladder, quantity, received, ...terms }] of c.legs.entries()) {
    must(c.books[at]!.ladderHash === sha256(JSON.stringify(ladder)), "ladder hash differs", at);
    rests.push(["leg", terms, c.books[at]]);
  }
  for (const offer of c.transforms)
    rests.push(["transform", { ...offer, ...("noSet" in offer && { noSet: [] }), quantity: "" }]);
  for (const input of rests) must(inputs.has(JSON.stringify(input)), `${input[0]}: not the market's`);
  must(
    c.relations.every(({ expiresAt }) => live(expiresAt, now)),
    "relation: evidence has expired",
  );
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
  for (let at = 0; at < c.legs.length; at += 1) {
    const { action, fee, instrument, side } = c.legs[at]!;
    trade(c, at, account);
    must(kept || fee.type !== "payout_profit", "a fee on winnings is converted or netted", at);
    depths.add((side === "YES") === (action === "buy") ? instrument : ` ${instrument}`);
  }
  must(depths.size === c.legs.length, "the same depth is used twice");
  for (const transform of c.transforms) convert(transform, account);
  const short = [...account.YES, ...account.NO].some((contracts) => contracts < 0n);
  must(!short, "more is sold or converted than held");
  return account;
}

type CertificateRelation = Certificate["relations"][number];
type Account = ReturnType<typeof carryOut>;

function hold(account: Account, side: "YES" | "NO", market: string, change: bigint): void {
  const at = account.markets.get(market);
  must(at !== undefined, "a market has no proposition");
  account[side][at]! += change;
}

/** Walks a leg's ladder best first, one fill per level; compares fills, fees, contracts received and cash. */
function trade(c: Certificate, at: number, account: Account): void {
  const leg = c.legs[at]!;
  const book = c.books[at]!;
  const { action, fills, ladder, market, proposition, side } = leg;
  shape(leg, 15);
  shape(book, 4);
  const buys = action === "buy";
  must((buys || action === "sell") && (side === "YES" || side === "NO"), "action or side is not known", at);
  must(text(leg.instrument) && text(leg.venue) && text(leg.feeVersion), "a name is missing", at);
  must(text(proposition) && c.markets[proposition] === market, "market is not the proposition's", at);
  must(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's", at);
  must(whole(book.at) && book.at <= c.issuedAt && text(book.ladderHash), "book is late or not hashed", at);
  const quantity = millionths(leg.quantity);
  const lot = millionths(leg.lot);
  const least = millionths(leg.minQuantity);
  must(lot > 0 && quantity > 0 && quantity % lot === 0, "quantity is off the lot grid", at);
  must(least >= 0 && quantity >= least, "quantity is below the minimum", at);
  must(list(fills).length > 0 && fills.length <= list(ladder).length, "fills do not fit the ladder", at);
  const terms = termsOf(leg.fee);
  let previous = buys ? 0 : E6;
  let left = quantity;
  let gross = 0n;
  let fee = 0n;
  let carried = 0n;
  for (let depth = 0; depth < ladder.length; depth += 1) {
    const level = list(ladder[depth]!);
    const price = millionths(level[0]);
    const size = millionths(level[1]);
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
    const other = BigInt(E6 - price);
    const curve = terms.power === 1n ? value * other : BigInt(taken) * (BigInt(price) * other) ** terms.power;
    let due = ((terms.rate * curve + terms.bump) / terms.scale) * terms.step;
    if (terms.unit > 0n) {
      const rounding = ((((buys ? -value : value) - due) % terms.unit) + terms.unit) % terms.unit;
      due += rounding;
      carried += rounding;
      const rebate = carried > terms.unit ? ((carried - 1n) / terms.unit) * terms.unit : 0n;
      const back = rebate > due ? due - (due % terms.unit) : rebate;
      due -= back;
      carried -= back;
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
  const t = { rate: 0n, power: 0n, step: 1n, scale: 1n, bump: 0n, unit: 0n, withheld: 0n, taxed: 0n };
  if (fee.type === "in_shares") t.withheld = decimal(fee.bps);
  if (fee.type === "payout_profit") t.taxed = decimal(fee.bps);
  if (fee.type === "per_contract") t.rate = decimal(fee.amount);
  if (fee.type === "kalshi" || fee.type === "quadratic") t.rate = decimal(fee.rate);
  if (fee.type === "kalshi") {
    t.power = 1n;
    t.step = decimal(fee.tradeFeePrecision);
    t.unit = decimal(fee.balancePrecision);
  } else if (fee.type === "quadratic") {
    must(whole(fee.exponent) && fee.exponent <= 4 && whole(fee.decimals), "fee: power or unit is not usable");
    t.power = BigInt(fee.exponent);
    t.step = TEN[12 - fee.decimals] ?? 0n;
  }
  const rate = t.rate + t.withheld + t.taxed;
  must(rate >= 0n && rate < BIPS && t.step > 0n, "fee: rate or unit is not usable");
  must(t.unit > 0n === (fee.type === "kalshi"), "fee: balance precision is not usable");
  t.scale = TEN[6 + 12 * Number(t.power)]! * t.step;
  const rounding = fee.type === "quadratic" ? fee.rounding : "up";
  must(["up", "half_up", "down"].includes(rounding), "fee: rounding is not known");
  if (rounding !== "down") t.bump = rounding === "up" ? t.scale - 1n : t.scale / 2n;
  return t;
}

/** What a venue does with claims: split and merge pairs, or turn the NO of some outcomes into YES of the others. */
function convert(transform: CertificateTransform, account: Account): void {
  const quantity = decimal(transform.quantity);
  must(quantity > 0n, "transform: quantity is not positive");
  if (transform.type !== "neg_risk_convert") {
    const { market, type } = transform;
    shape(transform, 3);
    must(type === "split" || type === "merge", "transform: type is not known");
    for (const side of ["YES", "NO"] as const)
      hold(account, side, market, type === "split" ? quantity : -quantity);
    account[type === "split" ? "capital" : "immediate"] += quantity;
    return;
  }
  const { feeBips, markets, noSet } = transform;
  shape(transform, 5);
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
      const stated = c.states[seen]!;
      shape(stated, 3);
      must(stated.name === (name || "none"), "a state's name differs");
      must(decimal(stated.net) === net && decimal(stated.payoff) === net - flow, "a state's value differs");
      if (seen === 0 || net < least) [worst, least] = [stated.name, net];
      seen += 1;
      return;
    }
    const also = c.propositions[at]!;
    for (let truth = 0; truth <= 1; truth += 1) {
      let holds = true;
      for (const rule of touching[at]!) {
        rule.open -= 1;
        rule.met += truth;
        if (rule.head === at) rule.headIs = truth;
        holds &&= (rule.headIs !== 1 && fits(rule, 0)) || (rule.headIs !== 0 && fits(rule, 2));
      }
      if (holds && truth === 0) visit(at + 1, name, net + account.NO[at]!);
      else if (holds) visit(at + 1, name === "" ? also : `${name}+${also}`, net + account.YES[at]!);
      for (const rule of touching[at]!) {
        rule.open += 1;
        rule.met -= truth;
        if (rule.head === at) rule.headIs = -1;
      }
    }
  };
  visit(0, "", flow);
  must(seen > 0 && seen === c.states.length, "number of states differs");
  must(c.worstState === worst && decimal(c.guaranteed) === least, "worst state or guarantee differs");
  must(least > 0n, "guarantee is not positive");
}

/** Whether as many members can still be true as a relation allows while its first is false (0) or true (2). */
function fits({ law, met, open }: ReturnType<typeof ruleOf>, from: 0 | 2): boolean {
  return met <= law[from + 1]! && met + open >= law[from]!;
}

/** A relation's members, how many are true and undecided, and whether the first is true (-1 while undecided). */
function ruleOf(relation: CertificateRelation, index: ReadonlyMap<string, number>, now: number) {
  must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
  const [fields, lawOf] = LAWS[relation.type];
  must(Object.keys(relation).join(" ") === fields, "relation: fields are not these or out of order");
  must(text(relation.evidenceHash) && live(relation.expiresAt, now), "relation: evidence is not valid");
  const pair = "a" in relation ? [relation.a, relation.b] : [];
  const names = "parent" in relation ? [relation.parent, ...list(relation.children)] : pair;
  const listed = list("propositions" in relation ? relation.propositions : names);
  const members = new Set(listed.map((name) => index.get(name) ?? -1));
  const k = "k" in relation ? relation.k : 0;
  const distinct = members.size === listed.length && members.size > 0;
  must(distinct && !members.has(-1) && whole(k), "relation: members or k are not usable");
  const law = lawOf(members.size, k);
  return { members, head: index.get(listed[0]!)!, headIs: -1, law, met: 0, open: members.size };
}

/** Of n members, how many are true: at least and at most if the first is false, then if the first is true. */
type Law = (n: number, k: number) => readonly number[];
const GROUP = "evidenceHash expiresAt propositions type";
const COUNTED = "evidenceHash expiresAt k propositions type";
const PAIR = "a b evidenceHash expiresAt type";
const NESTED = "children evidenceHash expiresAt parent type";
const LAWS: Readonly<Record<CertificateRelation["type"], readonly [fields: string, law: Law]>> = {
  unknown: [GROUP, (n) => [0, n, 0, n]],
  exclusive: [GROUP, () => [0, 1, 0, 1]],
  exhaustive: [GROUP, (n) => [1, n, 1, n]],
  at_most: [COUNTED, (_, k) => [0, k, 0, k]],
  at_least: [COUNTED, (n, k) => [k, n, k, n]],
  implies: [PAIR, () => [0, 1, 2, 2]],
  equals: [PAIR, () => [0, 0, 2, 2]],
  complement: [PAIR, () => [1, 1, 1, 1]],
  union: [NESTED, (n) => [0, 0, 2, n]],
  intersection: [NESTED, (n) => [0, n - 2, n, n]],
};
const FEE_FIELDS = { none: 1, in_shares: 2, payout_profit: 2, per_contract: 2, kalshi: 4, quadratic: 5 };
const E6 = 1_000_000;
const TEN = Array.from({ length: 55 }, (_, power) => 10n ** BigInt(power));
const POWER = TEN.slice(0, 13).map(Number);
const BIPS = TEN[16]!;
/** A name that neither reads as a state nor moves among the keys of an object. */
const PLAIN_NAME = /^(?!none$|\d+$)[^+]+$/;

/** Why a certificate is refused. */
class Refusal extends Error {}

function must(condition: boolean, reason: string, leg?: number): asserts condition {
  if (!condition) throw new Refusal(leg === undefined ? reason : `leg ${leg}: ${reason}`);
}

/** Decimal text in units of 10^-digits; exact where that is a safe integer, beyond the safe integers where not. */
function scaled(value: string, digits: number): number {
  must(typeof value === "string" && value.length < 48, "a number is no decimal text");
  const start = value.charCodeAt(0) === 45 ? 1 : 0;
  let number = 0;
  let places = -1;
  for (let at = start; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (digit === -2 && places < 0 && at > start) {
      places = 0;
      continue;
    }
    must(digit >= 0 && digit <= 9, "a number is no decimal text");
    number = number * 10 + digit;
    if (places >= 0) places += 1;
  }
  must(value.length > start && places !== 0 && places <= digits, "a number is no decimal text or too fine");
  number *= POWER[digits - Math.max(places, 0)]!;
  must(digits > 6 || number <= Number.MAX_SAFE_INTEGER, "a price or size is too large");
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
function shape(value: object, fields: number): void {
  const keys = Object.keys(value);
  must(keys.length === fields, "a field is missing or not known");
  for (let at = 1; at < fields; at += 1) must(keys[at - 1]! < keys[at]!, "fields are out of order");
}

const text = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length < 513;
const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const live = (until: unknown, now: number): boolean => until === null || (whole(until) && until > now);
/** A price or size. */
const millionths = (value: unknown): number => scaled(value as string, 6);
const ceil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
const product = (a: number, b: number) =>
  a * b <= Number.MAX_SAFE_INTEGER ? BigInt(a * b) : BigInt(a) * BigInt(b);
