import type { SessionReport } from "../../../src/contracts/index.ts";

type Level = "degraded" | "down";

/** What is wrong with the venue, by part; tells the shell whenever the worst of it changes. */
export class StatusBoard {
  readonly #report: SessionReport;
  readonly #problems = new Map<string, { readonly level: Level; readonly reason: string }>();
  #told = "";

  constructor(report: SessionReport) {
    this.#report = report;
  }

  problem(part: string, level: Level, reason: string): void {
    this.#problems.set(part, { level, reason });
    this.#tell();
  }

  fine(part: string): void {
    this.#problems.delete(part);
    this.#tell();
  }

  #tell(): void {
    const all = [...this.#problems.values()];
    const worst = all.find(({ level }) => level === "down") ?? all[0];
    const status = worst?.level ?? "up";
    const reason = worst?.reason ?? "";
    if (this.#told === `${status} ${reason}`) return;
    this.#told = `${status} ${reason}`;
    this.#report.status(status, reason);
  }
}
