import { runStatsCase } from "../../report/stats/vectors.ts";
import type { CaseResult } from "./vector-case.ts";

/** Compares a statistics case; one of a kind that is not built is pending. */
export function checkStats(item: unknown, id: string): CaseResult {
  const title = titleOf(item);
  const result = runStatsCase(item);
  if (result === "pending")
    return { id, outcome: "PENDING", notes: [`not built: this kind of case (${title})`] };
  if (result.ok) return { id, outcome: "PASS", notes: [title] };
  return { id, outcome: "FAIL", notes: result.differences };
}

function titleOf(item: unknown): string {
  if (typeof item !== "object" || item === null || !("title" in item)) return "statistics";
  return typeof item.title === "string" ? item.title : "statistics";
}
