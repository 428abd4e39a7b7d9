import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { REASONS, type Reason } from "../../src/contracts/index.ts";
import { codeFiles, isGenerated, isTest, node } from "./tree.ts";

const MAX_LINES = 300;
const MIN_MODULES = 400;

/** Reasons of the catalogue that nothing gives yet, and what will. Empty when all are given. */
const RESERVED: Partial<Record<Reason, string>> = {};

const files = codeFiles();
const product = files.filter(({ path }) => !isTest(path) && !isGenerated(path));

/** All but the checks themselves, which must name what they look for. */
const others = files.filter(({ path }) => !path.startsWith("tests/architecture/"));

/** Paths of files whose text matches. */
function where(pattern: RegExp, among = files): string[] {
  return among.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

describe("the tree", () => {
  it("was found", () => {
    expect(product.length).toBeGreaterThan(200);
  });

  it("has no file longer than the limit", () => {
    const long = product.filter(({ text }) => text.split("\n").length - 1 > MAX_LINES);
    expect(long.map(({ path, text }) => `${path}: ${text.split("\n").length - 1} lines`)).toEqual([]);
  });

  it("names files in kebab-case", () => {
    const odd = files.filter(
      ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(gen|property|live))?(\.test)?\.ts$/.test(basename(path)),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("has one index file, the contracts", () => {
    expect(files.map(({ path }) => path).filter((path) => basename(path) === "index.ts")).toEqual([
      "src/contracts/index.ts",
    ]);
  });

  it("has no default exports", () => {
    expect(where(/^export default\b/m)).toEqual([]);
  });

  it("has no unfinished business, no switched-off checks and no narrowed test runs", () => {
    expect(where(/\b(TODO|FIXME|XXX)\b/, others)).toEqual([]);
    expect(where(/@ts-(ignore|nocheck)|eslint-disable/, product)).toEqual([]);
    expect(where(/^\s*(describe|it|test)\.only\(/m, others)).toEqual([]);
    expect(where(/biome-ignore-all/, others)).toEqual([]);
    expect(where(/biome-ignore [^:]*:\s*$/m, others)).toEqual([]);
  });

  it("names no machine's paths", () => {
    expect(where(/["'`( ]\/(work|home|root|Users)\//, others)).toEqual([]);
  });

  it("explains every class of the contracts and the core", () => {
    const bare = product.filter(
      ({ path }) => path.startsWith("src/contracts/") || path.startsWith("src/core/"),
    );
    const undocumented = bare.flatMap(({ path, text }) =>
      [...text.matchAll(/(^|\n)(?!\s*\*\/)([^\n]*)\nexport class (\w+)/g)]
        .filter(([, , before]) => !before!.trim().endsWith("*/"))
        .map(([, , , name]) => `${path}: ${name}`),
    );
    expect(undocumented).toEqual([]);
  });
});

describe("the pure core", () => {
  const PURE = /^(src\/(contracts|core|feed|proof|sim)|lanes)\//;
  const pure = product.filter(({ path }) => PURE.test(path));

  it("names no clock, no chance, no input or output and no promise", () => {
    expect(
      where(/\bDate\.(now|parse|UTC)\b|\bnew Date\b|\bMath\.random\b|\bperformance\.now\b/, pure),
    ).toEqual([]);
    expect(where(/\bfrom "node:|\basync \b|\bawait \b|\bPromise\b|\bsetTimeout\b|\bprocess\./, pure)).toEqual(
      [],
    );
  });

  it("uses no transcendental function where it decides", () => {
    const decides = pure.filter(({ path }) => path.startsWith("src/core/"));
    expect(where(/\bMath\.(exp|log\w*|pow|sin|cos|tan|sqrt|cbrt|hypot)\b/, decides)).toEqual([]);
  });
});

describe("reasons", () => {
  const source = product.filter(({ path }) => !path.startsWith("src/contracts/reasons"));
  const codes = Object.keys(REASONS) as Reason[];

  it("are each given somewhere, or reserved for something that is named", () => {
    const unused = codes.filter((code) => !source.some(({ text }) => text.includes(`"${code}"`)));
    expect(unused.filter((code) => RESERVED[code] === undefined)).toEqual([]);
    expect(Object.keys(RESERVED).filter((code) => !unused.includes(code as Reason))).toEqual([]);
  });

  it("have numbers of their own, in the range of their area", () => {
    const numbers = codes.map((code) => REASONS[code].number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBeLessThan(32_768);
  });
});

describe("generated files and imports", () => {
  it.each(["scripts/gen-registry.ts", "scripts/gen-reasons.ts", "scripts/gen-profile-schema.ts"])(
    "%s has nothing to write",
    (script) => {
      expect(node([script, "--check"])).toMatchObject({ status: 0 });
    },
  );

  it("keeps to the rules of who imports whom, on a tree that was really read", () => {
    const { status, stdout } = node(["scripts/check-imports.ts"]);
    const modules = Number(/\((\d+) modules/.exec(stdout)?.[1] ?? 0);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(modules).toBeGreaterThan(MIN_MODULES);
  });
});
