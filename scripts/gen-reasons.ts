/** Writes docs/reasons.md from the catalogue in src/contracts/reasons.ts. `--check` exits 1 when it is stale. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { REASONS, type Reason } from "../src/contracts/reasons.ts";

const TARGET = join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "reasons.md");

const AREAS: Readonly<Record<string, string>> = {
  wire: "Messages a mapper refused",
  book: "Why a book is not valid",
  seq: "Order of arrival",
  quote: "The quote firewall",
  lane: "Why a candidate family gave nothing",
  certificate: "The certificate",
  dedupe: "Identity",
  size: "Sizing",
  risk: "The risk gate",
  order: "Orders",
  feed: "Connections, requests and budgets",
  journal: "Journal",
  import: "Import",
};

function render(): string {
  const lines = [
    "# Reasons",
    "",
    "Every refusal has one of these codes, is counted and can be queried (`emp sql <journal> --named=why-not`).",
    "Written by `npm run gen` from `src/contracts/reasons.ts`; the numbers are recorded and never reused.",
  ];
  for (const [area, title] of Object.entries(AREAS)) {
    const codes = (Object.keys(REASONS) as Reason[]).filter((code) => code.startsWith(`${area}.`));
    lines.push(
      "",
      `## ${title}`,
      "",
      "| code | number | what happened | what EMP does |",
      "|---|---|---|---|",
    );
    for (const code of codes) {
      lines.push(`| \`${code}\` | ${REASONS[code].number} | ${REASONS[code].text} | ${REASONS[code].next} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const unknown = (Object.keys(REASONS) as Reason[]).filter((code) => AREAS[code.split(".")[0]!] === undefined);
if (unknown.length > 0)
  throw new Error(`reasons without an area in scripts/gen-reasons.ts: ${unknown.join(", ")}`);
const wanted = render();
const current = existsSync(TARGET) ? readFileSync(TARGET, "utf8") : "";
if (process.argv.includes("--check")) {
  if (current !== wanted) {
    process.stderr.write("docs/reasons.md is stale: run `npm run gen`\n");
    process.exit(1);
  }
} else if (current !== wanted) {
  writeFileSync(TARGET, wanted);
}
