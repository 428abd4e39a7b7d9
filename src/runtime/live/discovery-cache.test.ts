import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Micros } from "../../contracts/index.ts";
import { FileDiscoveryCache } from "./discovery-cache.ts";

const DIR = mkdtempSync(join(tmpdir(), "emp-cache-"));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

afterAll(() => rmSync(DIR, { recursive: true }));

function cache(name: string, now = 2_000, maxAgeMicros = 5_000): FileDiscoveryCache {
  return new FileDiscoveryCache(join(DIR, name, "catalogue"), maxAgeMicros, () => now as Micros);
}

function write(name: string, pages: readonly Uint8Array[], at: number): Promise<void> {
  return new Promise((resolve) => {
    const target = cache(name);
    target.onWritten = resolve;
    target.write(pages, at as Micros);
  });
}

describe("the discovery cache", () => {
  it("gives back the pages and their instant", async () => {
    await write("a", [Buffer.from("one"), Buffer.from(""), Buffer.from("three")], 1_000);
    const read = cache("a").read();
    expect(read?.at).toBe(1_000);
    expect(read?.pages.map(text)).toEqual(["one", "", "three"]);
  });

  it("has nothing when there is no file, when it is too old or from the future, or when it is switched off", () => {
    expect(cache("none").read()).toBeNull();
    expect(cache("a", 6_001).read()).toBeNull();
    expect(cache("a", 999).read()).toBeNull();
    expect(cache("a", 2_000, 0).read()).toBeNull();
  });

  it("takes a damaged file for an absent one", () => {
    const path = join(DIR, "a", "catalogue");
    const whole = readFileSync(path);
    for (const damaged of [whole.subarray(0, whole.length - 3), Buffer.from("?"), Buffer.alloc(0)]) {
      writeFileSync(path, damaged);
      expect(cache("a").read()).toBeNull();
    }
  });

  it("survives a place that cannot be written", async () => {
    writeFileSync(join(DIR, "file"), "");
    await write("file", [Buffer.from("x")], 1);
    expect(cache("file").read()).toBeNull();
  });
});
