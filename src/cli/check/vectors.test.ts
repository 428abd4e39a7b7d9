import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sharedDir } from "../../../tests/shared.ts";
import { checkVectors } from "./vectors.ts";

const shared = sharedDir();
const folder = mkdtempSync(join(tmpdir(), "emp-vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...paths: string[]) {
  const lines: string[] = [];
  return { counts: checkVectors(paths, (line) => lines.push(line)), lines };
}

describe.skipIf(shared === null)("the shared vectors (skipped without ../shared)", () => {
  it("pass exactly for every intra and structural_bucket case; the other lanes are pending", () => {
    const { counts, lines } = run(join(shared!, "vectors/arbitrage"));
    expect(lines.filter((line) => line.startsWith("FAIL"))).toEqual([]);
    expect(counts).toEqual({ passed: 26, failed: 0, pending: 14 });
    expect(lines.filter((line) => line.startsWith("PENDING")).every((line) => line.includes("lane "))).toBe(
      true,
    );
  });

  it("pass for every fee to the last digit, and for the sizing cases that are built", () => {
    expect(run(join(shared!, "vectors/fees.json")).counts).toEqual({ passed: 24, failed: 0, pending: 0 });
    const { lines, counts } = run(join(shared!, "vectors/kelly.json"));
    expect(counts.failed).toBe(0);
    const passed = lines.filter((line) => line.startsWith("PASS")).map((line) => line.split(" ")[1]);
    expect(passed).toEqual(["K01", "K02", "K03", "K04a", "K04b", "K04c", "K07"]);
  });

  it("pass for the statistics cases that are built", () => {
    const { lines, counts } = run(join(shared!, "vectors/stats.json"));
    expect(counts.failed).toBe(0);
    const open = lines.filter((line) => line.startsWith("PENDING")).map((line) => line.split(" ")[1]);
    expect(open).toEqual(["S15", "S16"]);
  });

  it("are pending, neither passed nor failed, where their kind is not built", () => {
    for (const kind of ["ssm", "fix-acceptance"]) {
      const { passed, failed, pending } = run(join(shared!, "vectors", kind)).counts;
      expect([passed, failed]).toEqual([0, 0]);
      expect(pending).toBeGreaterThan(0);
    }
  });
});

describe("the vector runner", () => {
  const fees = {
    id: "X1",
    fee: { type: "quadratic", rate: "0.04", dp: 5, round: "half_up" },
    side: "buy",
    fills: [["0.5", "10"]],
    expected: { net_fee_per_fill: ["0.2"], total_fee: "0.2" },
  };

  it("names the difference and what was found", () => {
    const path = join(folder, "any-name.json");
    writeFileSync(path, JSON.stringify([{ ...fees }, fees].map((one, index) => (index === 0 ? one : fees))));
    expect(run(path).counts).toEqual({ passed: 0, failed: 2, pending: 0 });
    expect(run(path).lines[0]).toBe(
      "FAIL X1 — fill 1 net fee expected 0.2, was 0.1; total fee expected 0.2, was 0.1",
    );
  });

  it("counts a case of a kind that is not built as pending", () => {
    const path = join(folder, "next.json");
    writeFileSync(path, `{"kind":"next","weights":[]}`);
    expect(run(path)).toEqual({
      counts: { passed: 0, failed: 0, pending: 1 },
      lines: ["PENDING next.json#0 — a kind of case that is not built"],
    });
    writeFileSync(join(folder, "V99_broken.json"), `{"kind":"next"}`);
    expect(run(join(folder, "V99_broken.json")).counts.failed).toBe(1);
  });

  it("fails a file that is no JSON or of no known shape, and says where nothing is", () => {
    const path = join(folder, "broken.json");
    writeFileSync(path, "{");
    expect(run(path).lines[0]).toMatch(/^FAIL broken.json — not JSON/);
    writeFileSync(path, `{"id":"Q","expected":1}`);
    expect(run(path).lines).toEqual(["FAIL Q — not of the shape of any kind of case"]);
    expect(() => run(join(folder, "absent"))).toThrow("no such file or folder");
    expect(() => run(mkdtempSync(join(folder, "empty-")))).toThrow("no case files");
  });
});
