import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SeededRng } from "../sim/rng.ts";
import { exactLabel, money, moneyLabel } from "./money.ts";
import type { LoadedRun } from "./run-files.ts";
import { openedRow, randomRows, runOf, writeRun } from "./test-run.ts";
import { writeAbReport, writeKpiReport } from "./write.ts";

const EXTERNAL = /\b(?:src|href)="(?!#)|url\((?!#)|@import|https?:\/\/(?!www\.w3\.org\/)/;
const HOSTILE = `<script>alert(1)</script> | "x" 'y' & [a](b)`;

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "emp-report-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(run: LoadedRun, name = "out") {
  const runDir = join(dir, "run");
  writeRun(runDir, run);
  const written = writeKpiReport(runDir, join(dir, name));
  const [html = "", markdown = "", json = ""] = written.files.map((file) => readFileSync(file, "utf8"));
  return { ...written, html, markdown, json };
}

describe("KPI report files", () => {
  it("are the same bytes for the same run", () => {
    const run = runOf(randomRows(new SeededRng(1), 200));
    const first = write(run, "first");
    const second = write(run, "second");
    expect(second.html).toBe(first.html);
    expect(second.markdown).toBe(first.markdown);
    expect(second.json).toBe(first.json);
  });

  it("need no network and say that they reconcile", () => {
    const { html, markdown, reconciled } = write(runOf(randomRows(new SeededRng(2), 150)));
    expect(reconciled).toBe(true);
    expect(html).toContain(">RECONCILED<");
    expect(html).not.toMatch(EXTERNAL);
    expect(markdown).toContain("**RECONCILED**");
  });

  it("give every chart a title and a description, and every id once", () => {
    const { html } = write(runOf(randomRows(new SeededRng(3), 150)));
    const charts = html.match(/<svg /g)!.length;
    expect(charts).toBe(7);
    expect(html.match(/<title id=/g)!.length).toBe(charts);
    expect(html.match(/<desc id=/g)!.length).toBe(charts);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("show the same totals in all three forms", () => {
    const { html, markdown, json } = write(runOf(randomRows(new SeededRng(4), 120)));
    const exact: string = JSON.parse(json).views[0].total.ladder.simulatedRealised;
    expect(html).toContain(`title="${exactLabel(exact)}">${moneyLabel(money(exact))}<`);
    expect(markdown).toContain(`| Simulated-realised | ${moneyLabel(money(exact))} |`);
  });

  it("say NOT RECONCILED, with both numbers, when the ledger disagrees", () => {
    const run = runOf([openedRow("a", "f", "1")]);
    const ledger = { ...run.summary.ledger, equity: "10002" };
    const { html, reconciled, checks } = write({ ...run, summary: { ...run.summary, ledger } });
    expect(reconciled).toBe(false);
    expect(html).toContain(">NOT RECONCILED<");
    expect(html).toContain('<td class="n">10001</td>\n<td class="n">10002</td>');
    expect(checks.filter((check) => !check.ok).length).toBe(1);
  });

  it("explain a run without opportunities by diagnoses, rejects and coverage", () => {
    const { html, markdown, reconciled } = write(runOf([]));
    expect(reconciled).toBe(true);
    expect(html).toContain("Inconclusive: nothing was opened");
    for (const text of [
      "lane.no_edge_gross",
      "quote.stale",
      "Books valid at the end",
      "No opportunity was detected",
    ])
      expect(markdown.replaceAll("\\", "")).toContain(text);
  });

  it("survive a run without books, latency, reasons or equity points", () => {
    const run = runOf([], { reasons: {}, diagnoses: {}, latency: {}, equity: [], wallMs: 0 });
    expect(write(run).reconciled).toBe(true);
  });

  it("show titles of markets as text, whatever they contain", () => {
    const { html, markdown } = write(
      runOf([openedRow("a", HOSTILE, "1", { familyTitle: HOSTILE }), openedRow("b", "f", "1")]),
    );
    expect(html).not.toContain("<script>alert");
    expect(markdown).not.toContain("<script>");
    expect(markdown).not.toContain("[a](b)");
    expect(html.match(/<script>/g)!.length).toBe(1);
  });

  it("stay below two megabytes however many rows there are", () => {
    const { files, html } = write(runOf(randomRows(new SeededRng(6), 10_000)));
    expect(statSync(files[0]!).size).toBeLessThan(2_000_000);
    expect(html).toContain("more in opportunities.ndjson");
  });
});

describe("A/B report files", () => {
  it("show the first divergence and need no network", () => {
    const rows = randomRows(new SeededRng(7), 150);
    writeRun(join(dir, "a"), runOf(rows, { profile: "wide", digest: "aa" }));
    writeRun(join(dir, "b"), runOf(rows.slice(0, 120), { profile: "tight", digest: "bb" }));
    const divergence = {
      factSeq: 4711,
      at: 1_760_000_123_000_000,
      rule: "risk.min_edge",
      a: "approved",
      b: HOSTILE,
    };
    const { files, reconciled } = writeAbReport(join(dir, "a"), join(dir, "b"), divergence, join(dir, "out"));
    const html = readFileSync(files[0]!, "utf8");
    expect(reconciled).toBe(true);
    expect(html).toContain("fact 4,711");
    expect(html).toContain("A/B report: wide (A) against tight (B)");
    expect(html).not.toMatch(EXTERNAL);
    expect(html.match(/<script>/g)!.length).toBe(1);
  });

  it("fail when the runs are over different journals", () => {
    writeRun(join(dir, "a"), runOf([]));
    writeRun(join(dir, "b"), runOf([], { journal: "other" }));
    const { reconciled, checks } = writeAbReport(join(dir, "a"), join(dir, "b"), null, join(dir, "out"));
    expect(reconciled).toBe(false);
    expect(checks.find((check) => !check.ok)?.name).toBe("same journal");
  });
});
