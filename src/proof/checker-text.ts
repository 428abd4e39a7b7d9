/** How the checker reads a certificate's text: exact fields in their order, exact decimals. */

/** Why a certificate is refused. */
export class Refusal extends Error {}

export function must(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** Fields of every object, sorted: the order in which they are hashed. */
const fields = (names: string): readonly string[] => names.split(" ");
export const CERTIFICATE = fields(
  "books capital family fees guaranteed hash immediateCash issuedAt kind lane legs markets propositions relations " +
    "states transforms version worstState",
);
export const LEG = fields(
  "action cash fee feeVersion fills instrument ladder lot market minQuantity proposition quantity received side venue",
);
export const BOOK = fields("at factSeq instrument ladderHash");
export const STATE = fields("name net payoff");
export const NETTING = fields("market quantity type");
export const CONVERT = fields("feeBips markets noSet quantity type");
export const FEES: Readonly<Record<string, readonly string[]>> = {
  none: ["type"],
  kalshi: fields("balancePrecision rate tradeFeePrecision type"),
  quadratic: fields("decimals exponent rate rounding type"),
  in_shares: fields("bps type"),
  payout_profit: fields("bps type"),
  per_contract: fields("amount type"),
};

/** Powers of ten up to the number of places that a quantum has. */
export const TEN = Array.from({ length: 13 }, (_, power) => 10n ** BigInt(power));
const POWER = TEN.map(Number);
const MOST_ITEMS = 4096;
const MOST_TEXT = 512;
const MOST_DIGITS = 48;
const SAFE_DIGITS = 15;

/** Exact decimal text as quanta. */
export function decimal(value: unknown): bigint {
  must(typeof value === "string" && value.length < MOST_DIGITS, "a number is no decimal text");
  let number = 0;
  let digits = 0;
  let places = -1;
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
  const missing = 12 - Math.max(places, 0);
  let scaled: bigint;
  if (digits + missing <= SAFE_DIGITS) scaled = BigInt(number * POWER[missing]!);
  else if (digits <= SAFE_DIGITS) scaled = BigInt(number) * TEN[missing]!;
  else scaled = BigInt(value.slice(start).replace(".", "")) * TEN[missing]!;
  return start === 1 ? -scaled : scaled;
}

export function text(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MOST_TEXT;
}

export function whole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function live(expiresAt: unknown, now: number): boolean {
  return expiresAt === null || (whole(expiresAt) && expiresAt > now);
}

export function list<T>(value: readonly T[]): readonly T[] {
  must(Array.isArray(value) && value.length <= MOST_ITEMS, "a list is missing or too long");
  return value;
}

/** Exactly these fields in this order: nothing unknown is hashed along, and the JSON is canonical as it is. */
export function shape(value: object, names: readonly string[]): void {
  const keys = Object.keys(value);
  let same = keys.length === names.length;
  for (let at = 0; same && at < names.length; at += 1) same = keys[at] === names[at];
  must(same, "a field is missing, not known or out of order");
}
