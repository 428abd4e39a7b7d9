import type { Certificate, CertificateFee, CertificateTransform, Sha256Hex } from "../contracts/index.ts";

/**
 * The independent checker: integers only, no solver, no code shared with the finders. It works out every number of a
 * certificate again from its ladders, fee terms and relations and refuses at the first difference. Whether ladders,
 * fees and labels are those of the real market only a `context` can tell. Prices and sizes are safe integers in
 * millionths (finer ones are refused), money and contracts held bigints in quanta of 1e-12.
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
  shape(c, CERTIFICATE);
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
  const known = (input: readonly unknown[], what: string) =>
    must(inputs.has(JSON.stringify(input)), `${what} is not the market's`);
  must(c.issuedAt <= now, "certificate is from the future");
  known(["of", c.lane, c.family, c.issuedAt, c.propositions, c.markets], "family");
  for (const relation of c.relations) {
    must(live(relation.expiresAt, now), "relation: evidence has expired");
    known(["relation", relation], "relation");
  }
  for (const [at, { cash, fills, ladder, quantity, received, ...terms }] of c.legs.entries()) {
    must(c.books[at]!.ladderHash === sha256(JSON.stringify(ladder)), "ladder hash differs", at);
    known(["leg", terms, c.books[at]], `leg ${at}`);
  }
  for (const offer of c.transforms)
    known(["transform", { ...offer, ...("noSet" in offer && { noSet: [] }), quantity: "" }], "transform");
}

/** Carries the portfolio out: split, buy, convert, merge, sell. In that order nothing is short if nothing is left short. */
function carryOut(c: Certificate, index: ReadonlyMap<string, number>) {
  const markets = new Map<string, number>();
  let last = "";
  for (const name of Object.keys(c.markets)) {
    const market = c.markets[name]!;
    must(index.has(name) && name > last && text(market) && !markets.has(market), "markets are not usable");
    markets.set(market, index.get(name)!);
    last = name;
  }
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

type Account = ReturnType<typeof carryOut>;

function hold(account: Account, side: "YES" | "NO", market: string, change: bigint): void {
  const at = account.markets.get(market);
  must(at !== undefined, "a market has no proposition");
  account[side][at]! += change;
}

/** Walks a leg's ladder best first, one fill per level; compares fills, fees, contracts received and cash. */
function trade(c: Certificate, at: number, account: Account): void {
  const [leg, book] = [c.legs[at]!, c.books[at]!];
  const { action, cash, fills, ladder, market, received, side } = leg;
  shape(leg, LEG);
  shape(book, BOOK);
  must(action === "buy" || action === "sell", "action is not known", at);
  must(side === "YES" || side === "NO", "side is not known", at);
  must(text(leg.instrument) && text(leg.venue) && text(leg.feeVersion), "a name is missing", at);
  must(text(leg.proposition) && c.markets[leg.proposition] === market, "market is not its proposition's", at);
  must(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's", at);
  must(whole(book.at) && book.at <= c.issuedAt && text(book.ladderHash), "book is late or not hashed", at);
  const [quantity, lot, least] = [millionths(leg.quantity), millionths(leg.lot), millionths(leg.minQuantity)];
  must(lot > 0 && quantity > 0 && quantity % lot === 0, "quantity is off the lot grid", at);
  must(least >= 0 && quantity >= least, "quantity is below the minimum", at);
  must(list(fills).length > 0 && fills.length <= list(ladder).length, "fills do not fit the ladder", at);
  const buys = action === "buy";
  const terms = termsOf(leg.fee);
  let [previous, left, gross, fee, carried] = [buys ? 0 : E6, quantity, 0n, 0n, 0n];
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
    const spread = BigInt(price * (E6 - price));
    const curve =
      terms.rate *
      (terms.power === 1 ? value * BigInt(E6 - price) : BigInt(taken) * spread ** BigInt(terms.power));
    let charged = ((curve + terms.bump) / terms.scale) * terms.step;
    if (terms.unit > 0n) {
      const rest = (buys ? -value - charged : value - charged) % terms.unit;
      const rounding = rest < 0n ? rest + terms.unit : rest;
      charged += rounding;
      carried += rounding;
      let rebate = carried > terms.unit ? ((carried - 1n) / terms.unit) * terms.unit : 0n;
      if (rebate > charged) rebate = charged - (charged % terms.unit);
      charged -= rebate;
      carried -= rebate;
    }
    must(decimal(fill[2]) === charged, "a fill's fee differs", at);
    left -= taken;
    gross += value;
    fee += charged;
  }
  must(left === 0, "fills do not add up to the quantity", at);
  const contracts = product(quantity, E6);
  const got = buys ? contracts - ceil(contracts * terms.withheld, BIPS) : 0n;
  const paid = buys ? gross + fee : gross - fee;
  must(decimal(received) === got && decimal(cash) === paid, "contracts received or cash differ", at);
  const tax = got > gross ? ceil((got - gross) * terms.taxed, BIPS) : 0n;
  hold(account, side, market, buys ? got - tax : -contracts);
  account[buys ? "capital" : "immediate"] += paid;
  account.fees += fee;
}

/** The fee's curve (rate, power of the spread) and how it is rounded, balance precision, bips of contracts and profit. */
function termsOf(fee: CertificateFee) {
  must(Object.hasOwn(FEES, fee.type), "fee: type is not known");
  shape(fee, FEES[fee.type]!);
  const terms = { rate: 0n, power: 0, scale: 1n, step: 1n, bump: 0n, unit: 0n, withheld: 0n, taxed: 0n };
  if (fee.type === "in_shares") terms.withheld = decimal(fee.bps);
  if (fee.type === "payout_profit") terms.taxed = decimal(fee.bps);
  if (fee.type === "per_contract") terms.rate = decimal(fee.amount);
  if (fee.type === "kalshi" || fee.type === "quadratic") terms.rate = decimal(fee.rate);
  if (fee.type === "kalshi") {
    [terms.power, terms.step, terms.unit] = [
      1,
      decimal(fee.tradeFeePrecision),
      decimal(fee.balancePrecision),
    ];
    must(terms.step > 0n && terms.unit > 0n, "fee: precision is not usable");
  }
  if (fee.type === "quadratic") {
    must(
      whole(fee.exponent) && fee.exponent <= 4 && whole(fee.decimals) && fee.decimals <= 12,
      "fee: bad power",
    );
    must(["up", "down", "half_up"].includes(fee.rounding), "fee: rounding is not known");
    [terms.power, terms.step] = [fee.exponent, TEN[12 - fee.decimals]!];
  }
  must(terms.rate >= 0n && terms.withheld >= 0n && terms.taxed >= 0n, "fee: rate is not usable");
  must(terms.rate < BIPS && terms.withheld < BIPS && terms.taxed < BIPS, "fee: rate is not usable");
  terms.scale = TEN[6 + 12 * terms.power]! * terms.step;
  const rounding = fee.type === "quadratic" ? fee.rounding : "up";
  if (rounding !== "down") terms.bump = rounding === "up" ? terms.scale - 1n : terms.scale / 2n;
  return terms;
}

/** What a venue does with claims: split and merge pairs, or turn the NO of some outcomes into YES of the others. */
function convert(transform: CertificateTransform, account: Account): void {
  const quantity = decimal(transform.quantity);
  must(quantity > 0n, "transform: quantity is not positive");
  if (transform.type === "neg_risk_convert") {
    const { markets, noSet, feeBips } = transform;
    shape(transform, CONVERT);
    const [members, set] = [new Set(list(markets)), new Set(list(noSet))];
    const known = set.size > 0 && noSet.every((market) => members.has(market));
    must(known && members.size === markets.length && set.size === noSet.length, "transform: bad set");
    must(whole(feeBips) && feeBips <= 10_000, "transform: fee is not usable");
    const out = (amount: bigint) => ((amount * BigInt(10_000 - feeBips)) / 10_000n / TEN[6]!) * TEN[6]!;
    for (const market of members)
      if (set.has(market)) hold(account, "NO", market, -quantity);
      else hold(account, "YES", market, out(quantity));
    account.immediate += out(quantity * BigInt(set.size - 1));
  } else {
    shape(transform, NETTING);
    must(transform.type === "split" || transform.type === "merge", "transform: type is not known");
    const change = transform.type === "split" ? quantity : -quantity;
    hold(account, "YES", transform.market, change);
    hold(account, "NO", transform.market, change);
    account[change > 0n ? "capital" : "immediate"] += quantity;
  }
}

/** Works out every truth assignment that the relations allow, false before true, against the states in their order. */
function checkStates(c: Certificate, index: ReadonlyMap<string, number>, account: Account): void {
  const rules = list(c.relations).map((relation) => ruleOf(relation, index, c.issuedAt));
  const touching = c.propositions.map((_, at) => rules.filter((rule) => rule.members.has(at)));
  const flow = account.immediate - account.capital;
  let [seen, steps, worst, least] = [0, 0, "", 0n];
  const compare = (name: string, net: bigint): void => {
    must(seen < list(c.states).length, "number of states differs");
    const stated = c.states[seen]!;
    shape(stated, STATE);
    must(stated.name === name, "a state's name differs");
    must(decimal(stated.net) === net && decimal(stated.payoff) === net - flow, "a state's numbers differ");
    if (seen === 0 || net < least) [worst, least] = [name, net];
    seen += 1;
  };
  // Decides a proposition, or takes the decision back, and says whether every relation can still hold.
  const decide = (at: number, truth: 0 | 1, by: 1 | -1): boolean => {
    let holds = true;
    for (const rule of touching[at]!) {
      rule.open -= by;
      rule.met += truth * by;
      if (rule.head === at) rule.now = by < 0 ? rule.either : rule.ranges[truth];
      holds &&= rule.met <= rule.now[1] && rule.met + rule.open >= rule.now[0];
    }
    return holds;
  };
  const visit = (at: number, name: string, net: bigint): void => {
    steps += 1;
    must(steps <= MOST_STEPS, "states: more than can be tried");
    const next = c.propositions[at];
    if (next === undefined) compare(name || "none", net);
    else {
      if (decide(at, 0, 1)) visit(at + 1, name, net + account.NO[at]!);
      decide(at, 0, -1);
      if (decide(at, 1, 1)) visit(at + 1, name === "" ? next : `${name}+${next}`, net + account.YES[at]!);
      decide(at, 1, -1);
    }
  };
  visit(0, "", flow);
  must(seen > 0 && seen === c.states.length, "number of states differs");
  must(c.worstState === worst && decimal(c.guaranteed) === least, "worst state or guarantee differs");
  must(least > 0n, "guarantee is not positive");
}

/** A relation: its members, how many are true and how many undecided, and how many may be true as matters stand. */
function ruleOf(relation: Certificate["relations"][number], index: ReadonlyMap<string, number>, now: number) {
  must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
  const [fields, law] = LAWS[relation.type]!;
  shape(relation, fields);
  must(text(relation.evidenceHash) && live(relation.expiresAt, now), "relation: evidence is not valid");
  const pair = "a" in relation ? [relation.a, relation.b] : [];
  const names = "parent" in relation ? [relation.parent, ...list(relation.children)] : pair;
  const listed = list("propositions" in relation ? relation.propositions : names);
  const members = new Set(listed.map((name) => index.get(name) ?? -1));
  const k = "k" in relation ? relation.k : 0;
  const usable = members.size === listed.length && members.size > 0 && !members.has(-1) && whole(k);
  must(usable, "relation: members or k are not usable");
  const [low, high, headLow, headHigh] = law(members.size, k);
  const ranges: readonly [Range, Range] = [
    [low, high],
    [headLow, headHigh],
  ];
  const either: Range = [Math.min(low, headLow), Math.max(high, headHigh)];
  return { members, head: index.get(listed[0]!)!, ranges, either, now: either, met: 0, open: members.size };
}

/** At least and at most so many members are true. */
type Range = readonly [least: number, most: number];
type Law = (size: number, k: number) => readonly [least: number, most: number, least: number, most: number];

/** Fields of every object, sorted: the order in which they are hashed. */
const fields = (names: string): readonly string[] => names.split(" ");
const CERTIFICATE = fields(
  "books capital family fees guaranteed hash immediateCash issuedAt kind lane legs markets propositions relations " +
    "states transforms version worstState",
);
const LEG = fields(
  "action cash fee feeVersion fills instrument ladder lot market minQuantity proposition quantity received side venue",
);
const BOOK = fields("at factSeq instrument ladderHash");
const STATE = fields("name net payoff");
const NETTING = fields("market quantity type");
const CONVERT = fields("feeBips markets noSet quantity type");
const FEES: Readonly<Record<string, readonly string[]>> = {
  none: ["type"],
  kalshi: fields("balancePrecision rate tradeFeePrecision type"),
  quadratic: fields("decimals exponent rate rounding type"),
  in_shares: fields("bps type"),
  payout_profit: fields("bps type"),
  per_contract: fields("amount type"),
};
const GROUP = fields("evidenceHash expiresAt propositions type");
const COUNTED = fields("evidenceHash expiresAt k propositions type");
const PAIR = fields("a b evidenceHash expiresAt type");
const NESTED = fields("children evidenceHash expiresAt parent type");

/** Of n members, how many are true: at least and at most if the first is false, then if the first is true. */
const LAWS: Readonly<Record<string, readonly [fields: readonly string[], law: Law]>> = {
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

const E6 = 1_000_000;
const TEN = Array.from({ length: 67 }, (_, power) => 10n ** BigInt(power));
const POWER = TEN.slice(0, 13).map(Number);
const BIPS = 10n ** 16n;
const MOST_STEPS = 1_000_000;
/** A name that neither reads as a state nor moves among the keys of an object. */
const PLAIN_NAME = /^(?!none$|\d+$)[^+]+$/;

/** Why a certificate is refused. */
class Refusal extends Error {}

function must(condition: boolean, reason: string, leg?: number): asserts condition {
  if (!condition) throw new Refusal(leg === undefined ? reason : `leg ${leg}: ${reason}`);
}

/** Decimal text in units of 10^-digits: exact where that is a safe integer, else beyond the safe integers as well. */
function scaled(value: unknown, digits: number): number {
  must(typeof value === "string" && value.length < 48, "a number is no decimal text");
  const start = value.charCodeAt(0) === 45 ? 1 : 0;
  let number = 0;
  let places = -1;
  for (let at = start; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (digit === -2 && places < 0 && at > start) places = 0;
    else {
      must(digit >= 0 && digit <= 9, "a number is no decimal text");
      number = number * 10 + digit;
      if (places >= 0) places += 1;
    }
  }
  must(value.length > start && places !== 0 && places <= digits, "a number is no decimal text or too fine");
  number *= POWER[digits - Math.max(places, 0)]!;
  return start === 1 ? -number : number;
}

function millionths(value: unknown): number {
  const number = scaled(value, 6);
  must(Number.isSafeInteger(number), "a price or size is too large");
  return number;
}

/** Exact decimal text as quanta. */
function decimal(value: string): bigint {
  const number = scaled(value, 12);
  if (Number.isSafeInteger(number)) return BigInt(number);
  const [units = "", part = ""] = value.split(".");
  return BigInt(units + part.padEnd(12, "0"));
}

/** Exact product of safe integers. */
function product(a: number, b: number): bigint {
  const number = a * b;
  return Number.isSafeInteger(number) ? BigInt(number) : BigInt(a) * BigInt(b);
}

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

const text = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= 512;
const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const live = (expiresAt: unknown, now: number): boolean =>
  expiresAt === null || (whole(expiresAt) && expiresAt > now);

function list<T>(value: readonly T[]): readonly T[] {
  must(Array.isArray(value) && value.length <= 4096, "a list is missing or too long");
  return value;
}

/** Exactly these fields in this order: nothing unknown is hashed along, and the JSON is canonical as it is. */
function shape(value: object, names: readonly string[]): void {
  const keys = Object.keys(value);
  let same = keys.length === names.length;
  for (let at = 0; same && at < names.length; at += 1) same = keys[at] === names[at];
  must(same, "a field is missing, not known or out of order");
}
