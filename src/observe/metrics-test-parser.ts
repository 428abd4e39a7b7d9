/** One sample line of an exposition. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TYPES: ReadonlySet<string> = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;
/** What a type adds to the name of some of its samples. */
const SUFFIX: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|sum|count)$/,
  summary: /_(?:sum|count)$/,
};

/**
 * Reads the Prometheus text format 0.0.4 more strictly than Prometheus does: HELP, then TYPE, then the samples of one
 * family together, no label set twice, histograms cumulative and complete.
 * @throws Error with the line that is wrong.
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, ParsedFamily>();
  const lines = text.split("\n").filter((line) => line !== "");
  for (let at = 0; at < lines.length; ) {
    const [, name, help] = /^# HELP (\S+) (.+)$/.exec(lines[at] ?? "") ?? [];
    const [, typed, type] = /^# TYPE (\S+) (\S+)$/.exec(lines[at + 1] ?? "") ?? [];
    if (name === undefined || help === undefined || typed !== name || type === undefined)
      throw new Error(`no HELP and TYPE at: ${lines[at]}`);
    if (!NAME.test(name) || !TYPES.has(type)) throw new Error(`bad name or type: ${lines[at + 1]}`);
    if (families.has(name)) throw new Error(`twice: ${name}`);
    const samples: ParsedSample[] = [];
    for (at += 2; at < lines.length && !lines[at]!.startsWith("#"); at++) {
      const sample = parseSample(lines[at]!);
      const suffix = SUFFIX[type];
      const base = suffix === undefined ? sample.name : sample.name.replace(suffix, "");
      if (base !== name) throw new Error(`${sample.name} within ${name}`);
      samples.push(sample);
    }
    checkUnique(samples);
    if (type === "histogram") checkHistogram(name, samples);
    if ((type === "summary") !== samples.some(({ labels }) => "quantile" in labels) && samples.length > 0)
      throw new Error(`quantiles are a summary's: ${name}`);
    families.set(name, { name, type, help, samples });
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const [, name, , inner, value] = /^([^\s{]+)(\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined || !NAME.test(name) || !VALUE.test(value))
    throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = inner ?? "";
  while (rest !== "") {
    const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,(?=.)|$)/.exec(rest);
    if (found === null) throw new Error(`bad labels: ${line}`);
    const [all, label = "", escaped = ""] = found;
    if (label in labels) throw new Error(`label twice: ${line}`);
    labels[label] = escaped.replace(/\\([\\"n])/g, (_, each: string) => (each === "n" ? "\n" : each));
    rest = rest.slice(all.length);
  }
  return { name, labels, value: numberOf(value) };
}

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

function checkUnique(samples: readonly ParsedSample[]): void {
  const seen = new Set<string>();
  for (const { name, labels } of samples) {
    const key = JSON.stringify([name, Object.entries(labels).sort()]);
    if (seen.has(key)) throw new Error(`sample twice: ${key}`);
    seen.add(key);
  }
}

/** Buckets rise to +Inf, which equals the count. */
function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const series = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(others);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, own] of series) {
    const buckets = own.filter((each) => each.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => numberOf(labels["le"] ?? ""));
    const rises = buckets.every(
      ({ value }, at) => at === 0 || (value >= buckets[at - 1]!.value && bounds[at]! > bounds[at - 1]!),
    );
    const count = own.find((each) => each.name === `${name}_count`)?.value;
    const isWhole = bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count;
    if (!rises || !isWhole || !own.some((each) => each.name === `${name}_sum`))
      throw new Error(`not a histogram: ${name} ${key}`);
  }
}
