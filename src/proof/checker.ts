import type {
  Certificate,
  CertificateFee,
  CertificateLeg,
  CertificateRelation,
  Sha256Hex,
} from "../contracts/index.ts";

/**
 * The independent checker: integers only, no solver, no code shared with the finders. It works out every number of a
 * certificate again from its ladders, fee terms and relations and refuses at the first difference. Whether ladders,
 * fees and labels are those of the real market only a `context` can tell. Quantities and money are quanta of 1e-12.
 */
export type CheckResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * What is true of the market. `inputs` holds the canonical JSON of everything that a certificate may rest on:
 * ["of", lane, family, issuedAt, propositions, markets], ["relation", relation], ["transform", one of quantity "" and
 * noSet []], ["leg", leg without ladder, fills, quantity, received and cash, book].
 */
export interface CheckContext {
  readonly now: number;
  readonly inputs: ReadonlySet<string>;
}

const E12 = 1_000_000_000_000n;
const BIPS = 10_000n * E12;
const TEN = Array.from({ length: 13 }, (_, power) => 10n ** BigInt(power));
const MOST_STATES = 4096;
const MOST_STEPS = 1_000_000;

/** Checks a certificate; never throws. The reason names the first check that failed. */
export function checkCertificate(c: Certificate, sha256: Sha256Hex, context?: CheckContext): CheckResult {
  try {
    check(c, sha256);
    if (context !== undefined) bind(c, context);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Refusal ? error.message : "not of a certificate's shape" };
  }
}

class Refusal extends Error {}

function must(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** Claims held per proposition, and money. */
interface Account {
  readonly yes: bigint[];
  readonly no: bigint[];
  capital: bigint;
  immediate: bigint;
  fees: bigint;
}

function check(c: Certificate, sha256: Sha256Hex): void {
  shape(c, 20);
  must(c.version === 1 && c.kind === "enumerated", "version or kind is not known");
  must(text(c.lane) && text(c.family) && whole(c.issuedAt), "lane, family or time is malformed");
  const index = new Map<string, number>();
  for (const name of list(c.propositions)) {
    const plain = text(name) && name !== "none" && !name.includes("+") && !index.has(name);
    must(plain, "a proposition's name is not usable");
    index.set(name, index.size);
  }
  const markets = new Map<string, number>();
  for (const [proposition, market] of Object.entries(c.markets)) {
    const at = index.get(proposition);
    must(at !== undefined && text(market) && !markets.has(market), "markets are not usable");
    markets.set(market, at);
  }
  const states = enumerate(index, c);
  const none = c.propositions.map(() => 0n);
  const account: Account = { yes: none, no: none.slice(), capital: 0n, immediate: 0n, fees: 0n };
  carryOut(c, markets, account, sha256);
  must(states.length === list(c.states).length, "number of states differs");
  const flow = account.immediate - account.capital;
  const base = account.no.reduce((sum, contracts) => sum + contracts, flow);
  let worst = 0;
  let least = 0n;
  for (const [at, state] of states.entries()) {
    const stated = c.states[at]!;
    shape(stated, 3);
    const net = state.reduce((sum, p) => sum + account.yes[p]! - account.no[p]!, base);
    const name = state.map((proposition) => c.propositions[proposition]).join("+") || "none";
    must(stated.name === name, `state ${at}: name differs`);
    must(
      decimal(stated.net) === net && decimal(stated.payoff) === net - flow,
      `state ${name}: payoff or net differs`,
    );
    if (at === 0 || net < least) [worst, least] = [at, net];
  }
  must(
    c.worstState === c.states[worst]!.name && decimal(c.guaranteed) === least,
    "worst state or guarantee differs",
  );
  must(least > 0n, "guarantee is not positive");
  must(decimal(c.capital) === account.capital, "capital differs");
  must(decimal(c.immediateCash) === account.immediate, "immediate cash differs");
  must(decimal(c.fees) === account.fees, "fees differ");
  const { hash, ...body } = c;
  must(hash === sha256(canonical(body)), "hash differs");
}

/** Carries the portfolio out in the order split, buy, merge or convert, sell; nothing may be short on the way. */
function carryOut(
  c: Certificate,
  markets: ReadonlyMap<string, number>,
  account: Account,
  sha256: Sha256Hex,
): void {
  const hold = (side: bigint[], market: string, change: bigint): void => {
    const at = markets.get(market);
    must(at !== undefined, `market ${market} has no proposition`);
    side[at]! += change;
    must(side[at]! >= 0n, `more of ${market} is sold or converted than held`);
  };
  const both = (market: string, change: bigint): void => {
    hold(account.yes, market, change);
    hold(account.no, market, change);
  };
  must(list(c.legs).length > 0 && list(c.books).length === c.legs.length, "books: one per leg is due");
  for (const transform of list(c.transforms)) {
    shape(transform, transform.type === "neg_risk_convert" ? 5 : 3);
    must(decimal(transform.quantity) > 0n, "transform: quantity is not positive");
    if (transform.type !== "split") continue;
    account.capital += decimal(transform.quantity);
    both(transform.market, decimal(transform.quantity));
  }
  const depths = new Set<string>();
  const sales: [bigint[], string, bigint][] = [];
  for (const [number, leg] of c.legs.entries()) {
    const ok = (condition: boolean, what: string) =>
      must(condition, condition ? "" : `leg ${number}: ${what}`);
    const book = c.books[number]!;
    shape(book, 4);
    ok(text(leg.proposition) && c.markets[leg.proposition] === leg.market, "market is not the proposition's");
    ok(book.instrument === leg.instrument && whole(book.factSeq), "book is not the leg's");
    ok(whole(book.at) && book.at <= c.issuedAt, "book is later than the certificate");
    ok(book.ladderHash === sha256(canonical(leg.ladder)), "ladder hash differs");
    const order = walk(leg, ok);
    const depth = `${leg.instrument}/${(leg.side === "YES") === (leg.action === "buy")}`;
    ok(!depths.has(depth), "the same depth is used twice");
    depths.add(depth);
    const side = leg.side === "YES" ? account.yes : account.no;
    account.fees += order.fee;
    if (leg.action === "buy") {
      account.capital += order.cash;
      hold(side, leg.market, order.payout);
    } else {
      account.immediate += order.cash;
      sales.push([side, leg.market, order.quantity]);
    }
    const kept = leg.fee.type !== "payout_profit" || (c.transforms.length === 0 && leg.action === "buy");
    ok(kept, "a fee on winnings cannot be converted or netted");
  }
  must(
    sales.length === 0 || c.legs.every((leg) => leg.fee.type !== "payout_profit"),
    "a fee on winnings is netted",
  );
  for (const transform of c.transforms) {
    const quantity = decimal(transform.quantity);
    if (transform.type === "merge") {
      both(transform.market, -quantity);
      account.immediate += quantity;
    } else if (transform.type === "neg_risk_convert") {
      const members = new Set(list(transform.markets));
      const set = new Set(list(transform.noSet));
      const distinct = members.size === transform.markets.length && set.size === transform.noSet.length;
      must(distinct && set.size > 0, "transform: markets are not distinct");
      must(whole(transform.feeBips) && transform.feeBips <= 10_000, "transform: fee is not usable");
      for (const market of set) must(members.has(market), "transform: set is not part of the markets");
      const share = BigInt(10_000 - transform.feeBips);
      const kept = (amount: bigint) => ((amount * share) / 10_000n / TEN[6]!) * TEN[6]!;
      for (const market of members)
        if (set.has(market)) hold(account.no, market, -quantity);
        else hold(account.yes, market, kept(quantity));
      account.immediate += kept(quantity * BigInt(set.size - 1));
    } else must(transform.type === "split", "transform: type is not known");
  }
  for (const [side, market, quantity] of sales) hold(side, market, -quantity);
}

/** Walks a leg's ladder best first, one fill per level, and compares fills, fees, contracts received and cash. */
function walk(leg: CertificateLeg, ok: (condition: boolean, what: string) => void) {
  shape(leg, 15);
  const buys = leg.action === "buy";
  ok(buys || leg.action === "sell", "action is not known");
  ok(leg.side === "YES" || leg.side === "NO", "side is not known");
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
  let [previous, left, gross, fee, carried] = [buys ? 0n : E12, quantity, 0n, 0n, 0n];
  for (const [at, level] of leg.ladder.entries()) {
    const price = decimal(level[0]);
    const size = decimal(level[1]);
    ok(level.length === 2 && size > 0n && price > 0n && price < E12, `level ${at} is no quote`);
    ok(buys ? price > previous : price < previous, "ladder is not best first");
    previous = price;
    const fill = leg.fills[at];
    if (fill === undefined) continue;
    const taken = left < size ? left : size;
    ok(fill.length === 3 && fill[0] === level[0], `fill ${at} is not at the ladder's price`);
    ok(taken > 0n && decimal(fill[1]) === taken, `fill ${at} differs in size`);
    ok((price * taken) % E12 === 0n, "price times size is not exact");
    const value = (price * taken) / E12;
    const [charged, rest] = feeOf(terms, buys, price, taken, value, carried);
    ok(decimal(fill[2]) === charged, `fee of fill ${at} differs`);
    [left, gross, fee, carried] = [left - taken, gross + value, fee + charged, rest];
  }
  ok(left === 0n, "fills do not add up to the quantity");
  const withheld = terms.type === "in_shares" ? ceil(quantity * terms.rate, BIPS) : 0n;
  const received = buys ? quantity - withheld : 0n;
  ok(decimal(leg.received) === received, "contracts received differ");
  const cash = buys ? gross + fee : gross - fee;
  ok(decimal(leg.cash) === cash, "cash differs");
  const taxed = terms.type === "payout_profit" && received > gross;
  const payout = taxed ? received - ceil((received - gross) * terms.rate, BIPS) : received;
  return { quantity, payout, cash, fee };
}

/** Fee terms read; `unit` is the quadratic's rounding unit or Kalshi's balance precision. */
function termsOf(fee: CertificateFee) {
  const keys = { none: 1, kalshi: 4, quadratic: 5, in_shares: 2, payout_profit: 2, per_contract: 2 };
  must(text(fee.type) && Object.hasOwn(keys, fee.type), "fee type is not known");
  shape(fee, keys[fee.type]);
  const terms = { type: fee.type, rate: 0n, unit: 1n, trade: 1n, power: 1n, rounding: "up" };
  if (fee.type === "kalshi" || fee.type === "quadratic") terms.rate = decimal(fee.rate);
  else if (fee.type === "per_contract") terms.rate = decimal(fee.amount);
  else if (fee.type !== "none") terms.rate = decimal(fee.bps);
  if (fee.type === "kalshi") {
    terms.unit = decimal(fee.balancePrecision);
    terms.trade = decimal(fee.tradeFeePrecision);
  } else if (fee.type === "quadratic") {
    must(
      whole(fee.exponent) && fee.exponent <= 4 && whole(fee.decimals) && fee.decimals <= 12,
      "fee is not usable",
    );
    must(["up", "down", "half_up"].includes(fee.rounding), "fee rounding is not known");
    [terms.power, terms.unit, terms.rounding] = [BigInt(fee.exponent), TEN[12 - fee.decimals]!, fee.rounding];
  }
  must(terms.rate >= 0n && terms.rate < BIPS && terms.unit > 0n && terms.trade > 0n, "fee is not usable");
  return terms;
}

/** Fee of one fill, and Kalshi's sum of rounding fees that the order carries on. */
function feeOf(
  terms: ReturnType<typeof termsOf>,
  buys: boolean,
  price: bigint,
  size: bigint,
  value: bigint,
  carried: bigint,
): [bigint, bigint] {
  const { rate, unit, trade } = terms;
  if (terms.type === "per_contract") return [ceil(size * rate, E12), carried];
  if (terms.type !== "kalshi" && terms.type !== "quadratic") return [0n, carried];
  const curve = rate * size * (price * (E12 - price)) ** terms.power;
  const scale = E12 ** (2n * terms.power + 1n);
  if (terms.type === "quadratic") {
    if (terms.rounding === "up") return [ceil(curve, scale * unit) * unit, carried];
    const half = terms.rounding === "half_up" ? (scale * unit) / 2n : 0n;
    return [((curve + half) / (scale * unit)) * unit, carried];
  }
  const base = ceil(curve, scale * trade) * trade;
  const over = (((buys ? -value - base : value - base) % unit) + unit) % unit;
  const sum = carried + over;
  let rebate = sum > unit ? ((sum - 1n) / unit) * unit : 0n;
  if (rebate > base + over) rebate = base + over - ((base + over) % unit);
  return [base + over - rebate, sum - rebate];
}
/** Every truth assignment that the relations allow, false before true, as lists of the true propositions. */
function enumerate(index: ReadonlyMap<string, number>, c: Certificate): readonly (readonly number[])[] {
  const members = list(c.relations).map((relation) => membersOf(relation, index, c.issuedAt));
  const truth: boolean[] = [];
  const states: number[][] = [];
  let steps = 0;
  const visit = (): void => {
    must(++steps <= MOST_STEPS && states.length < MOST_STATES, "states: more than allowed");
    if (truth.length === index.size) {
      states.push(truth.flatMap((value, proposition) => (value ? [proposition] : [])));
      return;
    }
    for (const value of [false, true]) {
      truth.push(value);
      if (members.every((of, relation) => allows(c.relations[relation]!, of, truth))) visit();
      truth.pop();
    }
  };
  visit();
  must(states.length > 0 && index.size > 0, "states: none");
  return states;
}

function membersOf(relation: CertificateRelation, index: ReadonlyMap<string, number>, now: number): number[] {
  must(text(relation.evidenceHash), "relation: evidence is missing");
  must(relation.expiresAt === null || live(relation.expiresAt, now), "relation: evidence has expired");
  const pair = "a" in relation ? [relation.a, relation.b] : null;
  const group = "parent" in relation ? [relation.parent, ...relation.children] : pair;
  shape(relation, "k" in relation || group !== null ? 5 : 4);
  const names = list("propositions" in relation ? relation.propositions : group!);
  const members = names.map((name) => index.get(name) ?? -1);
  must(!members.includes(-1) && new Set(members).size === members.length, "relation: members are not usable");
  return members;
}

/** False once a relation is violated by the propositions decided so far. */
function allows(
  relation: CertificateRelation,
  members: readonly number[],
  truth: readonly boolean[],
): boolean {
  let [met, open] = [0, 0];
  for (const member of members)
    if (member >= truth.length) open += 1;
    else if (truth[member]) met += 1;
  const [first, ...rest] = open === 0 && !("propositions" in relation) ? members.map((m) => truth[m]!) : [];
  switch (relation.type) {
    case "unknown":
      return true;
    case "exclusive":
      return met <= 1;
    case "exhaustive":
      return met + open >= 1;
    case "at_most":
      return whole(relation.k) && met <= relation.k;
    case "at_least":
      return whole(relation.k) && met + open >= relation.k;
    case "implies":
      return open > 0 || !first || rest[0] === true;
    case "equals":
      return open > 0 || first === rest[0];
    case "complement":
      return open > 0 || first !== rest[0];
    case "union":
      return open > 0 || first === rest.some(Boolean);
    case "intersection":
      return open > 0 || first === rest.every(Boolean);
    default:
      throw new Refusal("relation: type is not known");
  }
}

/** Binds a certificate to the market: everything it rests on must be among what is true. */
function bind(c: Certificate, { now, inputs }: CheckContext): void {
  const known = (what: string, input: unknown) =>
    must(inputs.has(canonical(input)), `${what} is not the market's`);
  must(c.issuedAt <= now, "certificate is from the future");
  known("family", ["of", c.lane, c.family, c.issuedAt, c.propositions, c.markets]);
  for (const relation of c.relations) {
    must(relation.expiresAt === null || live(relation.expiresAt, now), "relation: evidence has expired");
    known("relation", ["relation", relation]);
  }
  for (const [at, { ladder, fills, quantity, received, cash, ...terms }] of c.legs.entries())
    known(`leg ${at}`, ["leg", terms, c.books[at]]);
  for (const transform of c.transforms)
    known("transform", ["transform", { ...transform, quantity: "", noSet: [] }]);
}

/** Exact decimal text as quanta. */
function decimal(value: unknown): bigint {
  must(typeof value === "string" && value.length < 48, "a number is no decimal text");
  let [number, digits, places] = [0, 0, -1];
  const start = value.charCodeAt(0) === 45 ? 1 : 0;
  for (let at = start; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - 48;
    if (digit === -2 && places < 0 && digits > 0) places = 0;
    else {
      must(digit >= 0 && digit <= 9, "a number is no decimal text");
      number = number * 10 + digit;
      digits += 1;
      if (places >= 0) places += 1;
    }
  }
  must(digits > 0 && places !== 0 && places <= 12, "a number is no decimal text");
  const magnitude = digits <= 15 ? BigInt(number) : BigInt(value.slice(start).replace(".", ""));
  const scaled = magnitude * TEN[places < 0 ? 12 : 12 - places]!;
  return start === 1 ? -scaled : scaled;
}

function ceil(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

function text(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 512;
}

function whole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function live(expiresAt: unknown, now: number): boolean {
  return whole(expiresAt) && expiresAt > now;
}

function list<T>(value: readonly T[]): readonly T[] {
  must(Array.isArray(value) && value.length <= MOST_STATES, "a list is missing or too long");
  return value;
}

function shape(value: object, keys: number): void {
  must(Object.keys(value).length === keys, "a field is missing or not known");
}

/** Canonical JSON: sorted keys, no white space. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`).join(",")}}`;
}
