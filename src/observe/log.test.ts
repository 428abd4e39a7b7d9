import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openLog, openLogOn } from "./log.ts";

const dir = mkdtempSync(join(tmpdir(), "emp-log-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function collect(level: "debug" | "info" | "silent" = "debug") {
  const lines: Record<string, unknown>[] = [];
  const log = openLogOn({ write: (line) => void lines.push(JSON.parse(line)) }, level);
  return { log, lines };
}

describe("openLogOn", () => {
  it("writes one JSON object a line, with level, time, message, reason and correlation", () => {
    const { log, lines } = collect();
    log.with({ run: "r1" }).with({ opportunity: "abc" }).info("refused", { reason: "risk.min_edge" });
    expect(lines).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        run: "r1",
        opportunity: "abc",
        reason: "risk.min_edge",
        message: "refused",
      },
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = collect("info");
    log.debug("quiet");
    log.warn("loud");
    expect(lines.map((line) => line["message"])).toEqual(["loud"]);
  });

  it("lets no planted secret through, at any depth, by key or by look", () => {
    const texts: string[] = [];
    const log = openLogOn({ write: (line) => void texts.push(line) }, "debug");
    const secret = "s3cr3t-value";
    const authorization = `Bearer ${secret}`;
    log.info("request", {
      headers: {
        Authorization: authorization,
        "KALSHI-ACCESS-SIGNATURE": secret,
        nested: [{ apiKey: secret }],
      },
      note: `sent ${authorization}`,
      error: new Error(`failed with ${authorization}`),
    });
    log.with({ password: secret }).error(`why: ${authorization}`);
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).not.toContain(secret);
      expect(text).toContain("[redacted]");
    }
  });

  it("keeps ids that are no secrets", () => {
    const { log, lines } = collect();
    log.info("book", { symbol: "SXTEMP-A0", tokenId: "7132104567", author: "desk" });
    expect(lines[0]).toMatchObject({ symbol: "SXTEMP-A0", tokenId: "7132104567", author: "desk" });
  });

  it("writes exact integers and cuts cycles", () => {
    const { log, lines } = collect();
    const ring: Record<string, unknown> = { amount: 10n ** 20n };
    ring["self"] = ring;
    log.info("ring", { ring });
    expect(lines[0]).toMatchObject({ ring: { amount: "100000000000000000000" } });
  });
});

describe("openLog", () => {
  it("bounds its file and keeps one older file", () => {
    const file = join(dir, "deep", "emp.log");
    const log = openLog({ level: "info", file, maxFileBytes: 2_000 });
    for (let i = 0; i < 100; i++) log.info(`line ${i}`, { i });
    log.close();
    log.close();
    expect(statSync(file).size).toBeLessThanOrEqual(2_000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(2_000);
    expect(existsSync(`${file}.2`)).toBe(false);
    const last = readFileSync(file, "utf8").trim().split("\n").at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ i: 99 });
  });
});
