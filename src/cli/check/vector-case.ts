/** One case of a vector file and what came of it. */
export interface CaseResult {
  readonly id: string;
  readonly outcome: "PASS" | "FAIL" | "PENDING";
  /** PASS: what was compared; FAIL: the differences; PENDING: why it is not judged. */
  readonly notes: readonly string[];
}

/** Collects differences between expected and found values under readable names. */
export class Comparison {
  readonly differences: string[] = [];

  /** Compares two texts that stand for the same thing. */
  same(what: string, expected: string, found: string): void {
    if (expected !== found) this.differences.push(`${what} expected ${expected}, was ${found}`);
  }

  /** Compares two floats at a relative tolerance. */
  near(what: string, expected: number, found: number, tolerance: number): void {
    const gap = Math.abs(expected - found);
    if (gap <= tolerance * Math.max(1, Math.abs(expected))) return;
    this.differences.push(`${what} expected ${expected}, was ${found}`);
  }

  result(id: string, passed: string): CaseResult {
    if (this.differences.length === 0) return { id, outcome: "PASS", notes: [passed] };
    return { id, outcome: "FAIL", notes: this.differences };
  }
}

/** Decimal text in its shortest form, so that "0.40" and "0.4" are the same; other text as it is. */
export function shortest(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const trimmed = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  const plain = trimmed.replace(/^(-?)0+(?=\d)/, "$1");
  return plain === "-0" ? "0" : plain;
}
