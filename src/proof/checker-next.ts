import type { Certificate, CertificateFee, CertificateLeg, CertificateRelation } from "../contracts/index.ts";
import type { CertificateTransform, Sha256Hex } from "../contracts/index.ts";

/**
 * The independent checker: integers only, no solver, no code shared with the finders. It works out every number of a
 * certificate again from its ladders, fee terms and relations and refuses at the first difference. Whether ladders,
 * fees and labels are those of the real market only a `context` can tell. Money and contracts in quanta of 1e-12.
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
  const known = (what: string, ...input: unknown[]) =>
    must(inputs.has(JSON.stringify(input)), `${what} is not the market's`);
  must(c.issuedAt <= now, "certificate is from the future");
  known("family", "of", c.lane, c.family, c.issuedAt, c.propositions, c.markets);
  for (const relation of c.relations) {
    must(live(relation.expiresAt, now), "relation: evidence has expired");
    known("relation", "relation", relation);
  }
  for (const [at, { cash, fills, ladder, quantity, received, ...terms }] of c.legs.entries()) {
    must(c.books[at]!.ladderHash === sha256(JSON.stringify(ladder)), "ladder hash differs", at);
    known(`leg ${at}`, "leg", terms, c.books[at]);
  }
  for (const transform of c.transforms) {
    const offer = "noSet" in transform ? { ...transform, noSet: [] } : transform;
    known("transform", "transform", { ...offer, quantity: "" });
  }
}

/** What the portfolio holds of each proposition's market and what it paid, took in and was charged. */
interface Account {
  readonly markets: ReadonlyMap<string, number>;
  readonly yes: bigint[];
  readonly no: bigint[];
  capital: bigint;
  immediate: bigint;
  fees: bigint;
}

/** Carries the portfolio out: split, buy, convert, merge, sell. In that order nothing is short if nothing is left short. */
function carryOut(c: Certificate, index: ReadonlyMap<string, number>): Account {
  const markets = new Map<string, number>();
  let last = "";
  for (const name of Object.keys(c.markets)) {
    const market = c.markets[name]!;
    must(index.has(name) && name > last && text(market) && !markets.has(market), "markets are not usable");
    markets.set(market, index.get(name)!);
    last = name;
  }
  const none = c.propositions.map(() => 0n);
  const account = { markets, yes: none, no: none.slice(), capital: 0n, immediate: 0n, fees: 0n };
  must(list(c.legs).length > 0 && list(c.books).length === c.legs.length, "books: one per leg is due");
  const plain = list(c.transforms).length === 0 && c.legs.every((leg) => leg.action === "buy");
  const depths = new Set<string>();
  for (let at = 0; at < c.legs.length; at += 1) {
    const leg = c.legs[at]!;
    trade(c, at, account);
    must(plain || leg.fee.type !== "payout_profit", "a fee on winnings is converted or netted", at);
    depths.add((leg.side === "YES") === (leg.action === "buy") ? leg.instrument : ` ${leg.instrument}`);
  }
  must(depths.size === c.legs.length, "the same depth is used twice");
  for (const transform of c.transforms) convert(transform, account);
  for (const held of [account.yes, account.no])
    must(
      held.every((contracts) => contracts >= 0n),
      "more is sold or converted than held",
    );
  return account;
}

function hold({ markets }: Account, side: bigint[], market: string, change: bigint): void {
  const at = markets.get(market);
  must(at !== undefined, "a market has no proposition");
  side[at] = side[at]! + change;
}

/** Walks a leg's ladder best first, one fill per level; compares fills, fees, contracts received and cash. */
function trade(c: Certificate, at: number, account: Account): void {
  const [leg, book] = [c.legs[at]!, c.books[at]!];
  shape(leg, LEG);
  shape(book, BOOK);
  const buys = leg.action === "buy";
  must(buys || leg.action === "sell", "action is not known", at);
  must(leg.side === "YES" || leg.side === "NO", "side is not known", at);
  must(text(leg.instrument) && text(leg.venue) && text(leg.feeVersion), "a name is missing", at);
  must(
    text(leg.proposition) && c.markets[leg.proposition] === leg.market,
    "market is not the proposition's",
    at,
  );
  must(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's", at);
  must(whole(book.at) && book.at <= c.issuedAt, "book is later than the certificate", at);
  must(text(book.ladderHash), "ladder hash is missing", at);
  const quantity = decimal(leg.quantity);
  const lot = decimal(leg.lot);
  const least = decimal(leg.minQuantity);
  must(lot > 0n && quantity > 0n && quantity % lot === 0n, "quantity is off the lot grid", at);
  must(least >= 0n && quantity >= least, "quantity is below the minimum", at);
  const terms = termsOf(leg.fee);
  const { gross, fee } = walk(leg, at, quantity, terms);
  const received = buys ? quantity - ceil(quantity * terms.withheld, BIPS) : 0n;
  const cash = buys ? gross + fee : gross - fee;
  must(decimal(leg.received) === received, "contracts received differ", at);
  must(decimal(leg.cash) === cash, "cash differs", at);
  const tax = received > gross ? ceil((received - gross) * terms.taxed, BIPS) : 0n;
  hold(account, leg.side === "YES" ? account.yes : account.no, leg.market, buys ? received - tax : -quantity);
  account[buys ? "capital" : "immediate"] += cash;
  account.fees += fee;
}

function walk({ action, ladder, fills }: CertificateLeg, leg: number, quantity: bigint, terms: Terms) {
  must(list(fills).length > 0 && fills.length <= list(ladder).length, "fills do not fit the ladder", leg);
  const buys = action === "buy";
  let previous = buys ? 0n : E12;
  let left = quantity;
  let gross = 0n;
  let fee = 0n;
  let carried = 0n;
  for (let at = 0; at < ladder.length; at += 1) {
    const level = list(ladder[at]!);
    const price = decimal(level[0]);
    const size = decimal(level[1]);
    must(level.length === 2 && size > 0n && price > 0n && price < E12, "a level is no quote", leg);
    must(buys ? price > previous : price < previous, "ladder is not best first", leg);
    previous = price;
    if (at >= fills.length) continue;
    const fill = list(fills[at]!);
    const taken = left < size ? left : size;
    must(fill.length === 3 && fill[0] === level[0], "a fill is not at the ladder's price", leg);
    must(taken > 0n && decimal(fill[1]) === taken, "a fill differs in size", leg);
    const value = (price * taken) / E12;
    must(value * E12 === price * taken, "price times size is not exact", leg);
    // The fee's curve, then what rounding the balance adds and, once a whole unit has come together, gives back.
    const curve = terms.rate * taken * (price * (E12 - price)) ** terms.power;
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
    must(decimal(fill[2]) === charged, "a fill's fee differs", leg);
    left -= taken;
    gross += value;
    fee += charged;
  }
  must(left === 0n, "fills do not add up to the quantity", leg);
  return { gross, fee };
}

/** Terms of an order's fee: rate of the curve and how it is rounded, balance precision, bips of contracts and profit. */
type Terms = ReturnType<typeof termsOf>;

function termsOf(fee: CertificateFee) {
  must(Object.hasOwn(FEES, fee.type), "fee: type is not known");
  shape(fee, FEES[fee.type]!);
  const terms = { rate: 0n, power: 0n, scale: E12, step: 1n, bump: 0n, unit: 0n, withheld: 0n, taxed: 0n };
  if (fee.type === "in_shares") terms.withheld = decimal(fee.bps);
  else if (fee.type === "payout_profit") terms.taxed = decimal(fee.bps);
  else if (fee.type === "per_contract") terms.rate = decimal(fee.amount);
  else if (fee.type === "kalshi") {
    [terms.rate, terms.power, terms.step] = [decimal(fee.rate), 1n, decimal(fee.tradeFeePrecision)];
    terms.unit = decimal(fee.balancePrecision);
    must(terms.unit > 0n, "fee: terms are not usable");
  } else if (fee.type === "quadratic") {
    must(whole(fee.exponent) && fee.exponent <= 4, "fee: bad power");
    must(whole(fee.decimals) && fee.decimals <= 12, "fee: bad unit");
    must(["up", "down", "half_up"].includes(fee.rounding), "fee: rounding is not known");
    [terms.rate, terms.power, terms.step] = [
      decimal(fee.rate),
      BigInt(fee.exponent),
      TEN[12 - fee.decimals]!,
    ];
  }
  for (const rate of [terms.rate, terms.withheld, terms.taxed])
    must(rate >= 0n && rate < BIPS && terms.step > 0n, "fee: terms are not usable");
  terms.scale = E12 ** (2n * terms.power + 1n) * terms.step;
  const rounding = "rounding" in fee ? fee.rounding : "up";
  if (rounding !== "down") terms.bump = rounding === "up" ? terms.scale - 1n : terms.scale / 2n;
  return terms;
}

/** What a venue does with claims: split and merge pairs, or turn the NO of some outcomes into YES of the others. */
function convert(transform: CertificateTransform, account: Account): void {
  const quantity = decimal(transform.quantity);
  must(quantity > 0n, "transform: quantity is not positive");
  const { yes, no } = account;
  if (transform.type === "neg_risk_convert") {
    shape(transform, CONVERT);
    const [members, set] = [new Set(list(transform.markets)), new Set(list(transform.noSet))];
    must(
      members.size === transform.markets.length && set.size === transform.noSet.length,
      "transform: bad set",
    );
    must(set.size > 0 && transform.noSet.every((market) => members.has(market)), "transform: bad set");
    must(whole(transform.feeBips) && transform.feeBips <= 10_000, "transform: fee is not usable");
    const share = BigInt(10_000 - transform.feeBips);
    const out = (amount: bigint) => ((amount * share) / 10_000n / TEN[6]!) * TEN[6]!;
    for (const market of members)
      if (set.has(market)) hold(account, no, market, -quantity);
      else hold(account, yes, market, out(quantity));
    account.immediate += out(quantity * BigInt(set.size - 1));
    return;
  }
  shape(transform, NETTING);
  const splits = transform.type === "split";
  must(splits || transform.type === "merge", "transform: type is not known");
  for (const side of [yes, no]) hold(account, side, transform.market, splits ? quantity : -quantity);
  account[splits ? "capital" : "immediate"] += quantity;
}

/** Works out every truth assignment that the relations allow, false before true, against the states in their order. */
function checkStates(c: Certificate, index: ReadonlyMap<string, number>, account: Account): void {
  const rules = list(c.relations).map((relation) => ruleOf(relation, index, c.issuedAt));
  const touching = c.propositions.map((_, at) => rules.filter((rule) => rule.members.includes(at)));
  const gains = account.yes.map((contracts, at) => contracts - account.no[at]!);
  const flow = account.immediate - account.capital;
  let [seen, steps, worst, least] = [0, 0, "", 0n];
  const compare = (name: string, net: bigint): void => {
    must(seen < list(c.states).length, "number of states differs");
    const stated = c.states[seen]!;
    shape(stated, STATE);
    must(stated.name === name, "a state's name differs");
    must(
      decimal(stated.net) === net && decimal(stated.payoff) === net - flow,
      "a state's payoff or net differs",
    );
    if (seen === 0 || net < least) [worst, least] = [name, net];
    seen += 1;
  };
  /** Decides a proposition, or takes the decision back; whether every relation can still hold. */
  const decide = (at: number, truth: boolean, by: 1 | -1): boolean => {
    let holds = true;
    for (const rule of touching[at]!) {
      rule.open -= by;
      if (truth) rule.met += by;
      if (rule.members[0] === at) rule.head = truth;
      holds &&= by < 0 || rule.law(rule);
    }
    return holds;
  };
  const visit = (at: number, name: string, net: bigint): void => {
    steps += 1;
    must(steps <= MOST_STEPS, "states: more than can be tried");
    if (at === gains.length) return compare(name || "none", net);
    if (decide(at, false, 1)) visit(at + 1, name, net);
    decide(at, false, -1);
    const also = c.propositions[at]!;
    if (decide(at, true, 1)) visit(at + 1, name === "" ? also : `${name}+${also}`, net + gains[at]!);
    decide(at, true, -1);
  };
  visit(
    0,
    "",
    account.no.reduce((sum, contracts) => sum + contracts, flow),
  );
  must(seen > 0 && seen === c.states.length, "number of states differs");
  must(c.worstState === worst && decimal(c.guaranteed) === least, "worst state or guarantee differs");
  must(least > 0n, "guarantee is not positive");
}

/** A relation over members: how many are true, not decided yet, its `k`, whether its first member is true. */
interface Rule {
  readonly law: (rule: Rule) => boolean;
  readonly members: readonly number[];
  readonly k: number;
  met: number;
  open: number;
  head: boolean;
}

function ruleOf(relation: CertificateRelation, index: ReadonlyMap<string, number>, now: number): Rule {
  must(Object.hasOwn(LAWS, relation.type), "relation: type is not known");
  const [names, law] = LAWS[relation.type]!;
  shape(relation, names);
  must(text(relation.evidenceHash) && live(relation.expiresAt, now), "relation: evidence is not valid");
  const group = "parent" in relation ? [relation.parent, ...list(relation.children)] : [];
  const pair = "a" in relation ? [relation.a, relation.b] : group;
  const named = list("propositions" in relation ? relation.propositions : pair);
  const members = named.map((name) => index.get(name) ?? -1);
  const k = "k" in relation ? relation.k : 0;
  const distinct = new Set(members).size === members.length && !members.includes(-1);
  must(distinct && members.length > 0 && whole(k), "relation: members or k are not usable");
  return { law, members, k, met: 0, open: members.length, head: false };
}

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

/** Fields of every relation, and whether it can still hold with some members undecided. */
const LAWS: Readonly<Record<string, readonly [names: readonly string[], law: (rule: Rule) => boolean]>> = {
  unknown: [GROUP, () => true],
  exclusive: [GROUP, ({ met }) => met <= 1],
  exhaustive: [GROUP, ({ met, open }) => met + open >= 1],
  at_most: [COUNTED, ({ met, k }) => met <= k],
  at_least: [COUNTED, ({ met, open, k }) => met + open >= k],
  implies: [PAIR, ({ met, open, head }) => open > 0 || !head || met === 2],
  equals: [PAIR, ({ met, open }) => open > 0 || met !== 1],
  complement: [PAIR, ({ met, open }) => open > 0 || met === 1],
  union: [NESTED, ({ met, open, head }) => open > 0 || head === met > Number(head)],
  intersection: [
    NESTED,
    ({ met, open, head, members }) => open > 0 || head === met >= members.length - Number(!head),
  ],
};

const E12 = 1_000_000_000_000n;
const BIPS = 10_000n * E12;
const TEN = Array.from({ length: 13 }, (_, power) => 10n ** BigInt(power));
/** The same, as far as they are safe integers: all of them. */
const POWER = TEN.map(Number);
const MOST_STEPS = 1_000_000;
/** A name that neither reads as a state nor moves among the keys of an object. */
const PLAIN_NAME = /^(?!none$|\d+$)[^+]+$/;

/** Why a certificate is refused. */
class Refusal extends Error {}

function must(condition: boolean, reason: string, leg?: number): asserts condition {
  if (!condition) throw new Refusal(leg === undefined ? reason : `leg ${leg}: ${reason}`);
}

/** Exact decimal text as quanta. */
function decimal(value: unknown): bigint {
  must(typeof value === "string" && value.length < 48, "a number is no decimal text");
  const start = value.charCodeAt(0) === 45 ? 1 : 0;
  let number = 0;
  let dot = -1;
  for (let at = start; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (digit === -2 && dot < 0 && at > start) dot = at;
    else {
      must(digit >= 0 && digit <= 9, "a number is no decimal text");
      number = number * 10 + digit;
    }
  }
  const places = dot < 0 ? 0 : value.length - 1 - dot;
  must(value.length > start && dot < value.length - 1 && places <= 12, "a number is no decimal text");
  const small = number * POWER[12 - places]!;
  if (small <= Number.MAX_SAFE_INTEGER) return BigInt(start === 1 ? -small : small);
  return BigInt(value.replace(".", "")) * TEN[12 - places]!;
}

function text(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 512;
}

function whole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function live(expiresAt: unknown, now: number): boolean {
  return expiresAt === null || (whole(expiresAt) && expiresAt > now);
}

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

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
