/** Exact decimal text <-> scaled integers. Decimals are read digit by digit; no float is involved. */

const PATTERN = /^(-)?(\d+)(?:\.(\d+))?$/;

/**
 * Reads `"12.34"` as an integer scaled by `10 ** digits`.
 * @returns null when the text is no plain decimal or has non-zero digits beyond `digits` (never rounds).
 */
export function parseDecimal(text: string, digits: number): bigint | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, minus, whole = "0", fraction = ""] = match;
  const kept = fraction.slice(0, digits).padEnd(digits, "0");
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const value = BigInt(whole + kept);
  return minus === undefined ? value : -value;
}

/** Like `parseDecimal` for values that fit a safe integer; null otherwise. */
export function parseScaled(text: string, digits: number): number | null {
  const value = parseDecimal(text, digits);
  if (value === null) return null;
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : null;
}

/** Writes a scaled integer as the shortest exact decimal: `formatDecimal(1250n, 3) === "1.25"`. */
export function formatDecimal(value: bigint, digits: number): string {
  const negative = value < 0n;
  const text = (negative ? -value : value).toString().padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const fraction = digits === 0 ? "" : text.slice(text.length - digits).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
