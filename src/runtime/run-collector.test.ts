import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Decision,
  Kind,
  type Micros,
  type OpportunityRow,
  type RunSummary,
} from "../contracts/index.ts";
import { ROWS_FILE, RUN_FILE, RunCollector } from "./run-collector.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "emp-run-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const closed = (id: string): Decision => ({ kind: "opportunity.closed", row: { id } as OpportunityRow });
const SUMMARY = { version: 1, profile: "test" } as Omit<RunSummary, "quarantines" | "releases" | "equity">;
const at = (micros: number) => micros as Micros;

describe("RunCollector", () => {
  it("writes one line per closed opportunity, in order, and nothing for other decisions", () => {
    const seen: string[] = [];
    const collector = new RunCollector(join(dir, "deep", "run"), ({ id }) => void seen.push(id));
    collector.decision(closed("a"));
    collector.decision({
      kind: "opportunity.refused",
      id: "b",
      stage: "risk",
      reason: "risk.cash",
      detail: "",
    });
    collector.decision(closed("c"));
    expect(collector.rows).toBe(2);
    collector.finish(SUMMARY);
    expect(readFileSync(join(collector.dir, ROWS_FILE), "utf8")).toBe('{"id":"a"}\n{"id":"c"}\n');
    expect(seen).toEqual(["a", "c"]);
  });

  it("writes rows out while the run goes on once there are many", () => {
    const collector = new RunCollector(dir);
    for (let index = 0; index < 10_000; index++) collector.decision(closed(`row-${index}`));
    expect(readFileSync(join(dir, ROWS_FILE), "utf8").length).toBeGreaterThan(65_536);
    collector.finish(SUMMARY);
    expect(readFileSync(join(dir, ROWS_FILE), "utf8").trimEnd().split("\n")).toHaveLength(10_000);
  });

  it("counts quarantines and releases", () => {
    const collector = new RunCollector(dir);
    for (const kind of [Kind.QUARANTINE, Kind.QUARANTINE, Kind.RELEASE, Kind.REFUSAL])
      collector.quote(kind, 0, 1, 153, at(1));
    expect(collector.finish(SUMMARY)).toMatchObject({ quarantines: 2, releases: 1 });
    expect(JSON.parse(readFileSync(join(dir, RUN_FILE), "utf8"))).toMatchObject({
      quarantines: 2,
      releases: 1,
      profile: "test",
    });
  });

  it.each([0, 1, 5, 1_999, 2_000, 2_001, 3_999, 50_001])(
    "keeps %i points of equity bounded, in order, with the first and the last",
    (count) => {
      const collector = new RunCollector(dir);
      for (let index = 0; index < count; index++)
        collector.equity(at(index), BigInt(index) * 1_000_000_000_000n);
      const { equity } = collector.finish(SUMMARY);
      expect(equity.length).toBeLessThanOrEqual(2_000);
      expect(equity.length).toBeGreaterThanOrEqual(Math.min(count, 1_000));
      const instants = equity.map(([instant]) => instant);
      expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      if (count > 0)
        expect([equity[0], equity.at(-1)]).toEqual([
          [0, "0"],
          [count - 1, String(count - 1)],
        ]);
    },
  );
});
