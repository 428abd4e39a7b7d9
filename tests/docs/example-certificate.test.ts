import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Certificate } from "../../src/contracts/index.ts";
import { checkCertificate } from "../../src/proof/checker.ts";

const DOCS = join(import.meta.dirname, "..", "..", "docs");

describe("docs/examples/certificate.json", () => {
  const text = readFileSync(join(DOCS, "examples", "certificate.json"), "utf8");
  const certificate = JSON.parse(text) as Certificate;

  it("is accepted by the independent checker", () => {
    const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");
    expect(checkCertificate(certificate, sha256)).toEqual({ ok: true });
  });

  it("is the one that docs/certificate.md works through", () => {
    const page = readFileSync(join(DOCS, "certificate.md"), "utf8");
    const { capital, guaranteed, legs } = certificate;
    expect(page).toContain(`| \`capital\` | **${capital}** |`);
    expect(page).toContain(`**${guaranteed}**`);
    for (const { cash } of legs) expect(page).toContain(`| ${cash} |`);
  });
});
