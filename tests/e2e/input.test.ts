import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/main.ts";
import { emp, scratch } from "./emp.ts";

const dir = scratch();
const PROFILE = "venues: { simk: { module: kalshi } }\nlanes: { bucket: {} }\n";
const FRAMES = `${JSON.stringify({ recv_ms: 1_767_225_600_000, event: { type: "ok" } })}\n`.repeat(3000);

beforeAll(() => {
  const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(dir, name), text);
  mkdirSync(join(dir, "empty"));
  mkdirSync(join(dir, "foreign"));
  write("foreign/letter.txt", "Dear all\n");
  write("file.txt", "hello\n");
  write("empty.ndjson", "");
  write("empty.json", "[]");
  write("letter.ndjson", "Dear all\nregards\n");
  write("torn.ndjson.gz", gzipSync(FRAMES).subarray(0, 60));
  write("key.yaml", `${PROFILE}firewall: { maxAgems: 5 }\n`);
  write("type.yaml", `${PROFILE}risk: { maxConcurrent: many }\n`);
  write("syntax.yaml", `${PROFILE}risk: {\n`);
  write("lane.yaml", PROFILE.replace("bucket", "buckett"));
  write("venue.yaml", PROFILE.replace("kalshi", "kalsi"));
});

/** Arguments, and the one line on standard error. */
const BAD: readonly (readonly [args: string, line: RegExp])[] = [
  ["rnu", /^emp: unknown command 'rnu'\n\(Did you mean run\?\)/],
  ["run", /^emp: required option '--profile <name>' not specified/],
  ["run --profile=demo --bogus", /^emp: unknown option '--bogus'/],
  [
    "run --profile=demoo",
    /^emp: profile: expected one of canary, demo, .*\(did you mean demo\?\), or a path to a YAML file, found "demoo"$/,
  ],
  ["run --profile=none.yaml", /none\.yaml/],
  [
    "run --profile=replay",
    /^emp: profile replay: connect: expected true, found false; it plays recordings \(emp replay\)$/,
  ],
  [
    "run --profile=demo --duration=5",
    /^emp: run: --duration: expected a time such as 500ms, 10s, 5m or 1h30m, found "5"$/,
  ],
  ["run --profile=demo --speed=fast", /^emp: run: --speed: expected a number from 0 up, found "fast"$/],
  ["run --profile=demo --out=file.txt", /^emp: run: --out: expected a folder, found a file: .*file\.txt$/],
  ["run --profile=demo --out=file.txt/x", /not a directory \(\w+, ENOTDIR\)$/],
  ["profile key.yaml", /^emp: key\.yaml:3:13: firewall\.maxAgems: expected maxAgeMs, found an unknown key$/],
  ["profile type.yaml", /^emp: type\.yaml:3:9: risk\.maxConcurrent: expected .*, found "many"$/],
  ["profile syntax.yaml", /^emp: syntax\.yaml:\d+:\d+: expected valid YAML, found: /],
  [
    "profile lane.yaml",
    /^emp: lane\.yaml: lanes\.buckett: expected one of .*\(did you mean bucket\?\), found "buckett"$/,
  ],
  [
    "profile venue.yaml",
    /^emp: venue\.yaml: venues\.simk\.module: expected one of .*\(did you mean kalshi\?\), found "kalsi"$/,
  ],
  ["replay absent", /^emp: journal .*absent: no such folder$/],
  ["replay empty", /^emp: journal .*empty: the folder is empty$/],
  ["replay foreign", /^emp: journal .*foreign: no journal\.json in it; this is no journal$/],
  ["replay file.txt", /^emp: journal .*file\.txt: expected a journal folder, found a file$/],
  ["replay absent --verify --recompute", /cannot be used with option/],
  ["replay absent --from=disk", /Allowed choices are facts, raw/],
  ["replay absent --speed=-1", /^emp: replay: --speed: expected a number from 0 up, found "-1"$/],
  ["verify-journal foreign", /this is no journal$/],
  ["diff-journal absent absent", /no such folder$/],
  ["sql foreign --named=funnel", /this is no journal$/],
  ["sql foreign", /^emp: sql: expected a statement or --named <query>, found neither$/],
  ["sql foreign --named=funel", /\(did you mean funnel\?\), found "funel"$/],
  [
    "compact foreign --keep-segments=0",
    /^emp: compact: --keep-segments: expected a whole number from 1 up, found "0"$/,
  ],
  ["report kpi absent", /expected a run folder with run\.json and opportunities\.ndjson, found none$/],
  ["report kpii x", /^emp: unknown command 'kpii'\n\(Did you mean kpi\?\)/],
  [
    "import kalshi letter.ndjson --out=new",
    /^emp: import: format: expected one of kalshi-ws, .*, found "kalshi"$/,
  ],
  ["import kalshi-ws absent --out=new", /^emp: absent: no such file or folder$/],
  ["import kalshi-ws empty --out=new", /^emp: empty: no recording /],
  ["import kalshi-ws empty.ndjson --out=new", /^emp: empty\.ndjson: the file is empty$/],
  [
    "import kalshi-ws letter.ndjson --out=new",
    /emp: import: nothing in the input is usable as kalshi-ws; no journal was made$/,
  ],
  ["import kalshi-ws letter.ndjson --out=new --set=judge", /expected key=value, found "judge"/],
  ["import kalshi-ws torn.ndjson.gz --out=new", /emp: torn\.ndjson\.gz: damaged after \d+ of \d+ bytes /],
  ["check vectors absent", /^emp: .*absent: no such file or folder$/],
  ["check vectors empty", /^emp: .*empty: no case files \(\.json, \.def\) there$/],
  ["check certificate absent", /^emp: .*absent: no such file$/],
  ["check certificate empty", /^emp: .*empty: expected a file, found a folder$/],
  ["check certificate empty.json", /^emp: .*empty\.json: no certificate in it$/],
  ["check certificate file.txt", /^emp: .*file\.txt: line 1 is not JSON$/],
  ["check tape letter.ndjson", /^emp: check tape: nothing in the input is a message of --format kalshi-ws; /],
  ["check tape letter.ndjson --format=kalshi-wss", /\(did you mean kalshi-ws\?\), found "kalshi-wss"$/],
];

/** Runs a command in this process, which is much cheaper than one each; the working folder is the scratch folder. */
async function inProcess(
  args: readonly string[],
): Promise<{ readonly code: unknown; readonly stderr: string }> {
  let stderr = "";
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const [before, exitCode] = [process.cwd(), process.exitCode];
  process.chdir(dir);
  try {
    await main(["node", "emp", ...args]);
    return { code: process.exitCode, stderr };
  } finally {
    process.chdir(before);
    process.exitCode = exitCode;
  }
}

describe("bad input", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(BAD)("emp %s: one plain line and exit code 2", async (args, line) => {
    const { code, stderr } = await inProcess(args.split(" "));
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr).not.toMatch(/^ {4}at |a bug in EMP/m);
    expect(code).toBe(2);
  });

  it("does the same in a process of its own, with nothing on standard output", async () => {
    for (const args of ["rnu", "replay absent", "import kalshi-ws torn.ndjson.gz --out=new --json"]) {
      const { code, stdout, stderr } = await emp(dir, ...args.split(" "));
      expect(code).toBe(2);
      expect(stderr).toMatch(/^emp: /m);
      if (!args.endsWith("--json")) expect(stdout).toBe("");
    }
  });
});
