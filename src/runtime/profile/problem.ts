/** What is wrong with a profile, on one line: `file:line:column: key: expected …, found …`. */
export class ProfileError extends Error {
  /** Every problem, one line each, in file order. The message is the first of them. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const [first = "the profile is not valid"] = problems;
    super(problems.length > 1 ? `${first} (and ${problems.length - 1} more)` : first);
    this.name = "ProfileError";
    this.problems = problems;
  }
}

/** A found value as short text on one line; secrets do not belong in profiles, so nothing is hidden. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The candidate nearest to a misspelt word, or null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, two rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
