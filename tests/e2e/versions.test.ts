import { describe, expect, it } from "vitest";
import { otherNode, scratch, startEmp } from "./emp.ts";

const OLD = "22.23.3";
const node22 = otherNode(OLD);

describe.skipIf(node22 === null)(
  `Node ${OLD} and the Node of the project (skipped when npm cannot bring ${OLD})`,
  () => {
    const dir = scratch();
    const options = ["--profile=demo", "--duration=30s", "--speed=0", "--seed=versions", "--json"];

    async function digest(args: readonly string[], node?: string): Promise<string> {
      const { stdout, stderr } = await startEmp(dir, args, node).ended;
      expect(stderr).toBe("");
      return (JSON.parse(stdout) as { summary: { digest: string } }).summary.digest;
    }

    it("decide the same run and replay each other's journal to the same digest", async () => {
      const now = await digest(["run", ...options, "--out=now"]);
      const old = await digest(["run", ...options, "--out=old"], node22 ?? "");
      expect(old).toBe(now);
      expect(await digest(["replay", "now", "--recompute", "--json", "--out=a"], node22 ?? "")).toBe(now);
      expect(await digest(["replay", "old", "--recompute", "--json", "--out=b"])).toBe(now);
    });
  },
);
