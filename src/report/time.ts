import { countLabel } from "./money.ts";

/** `2026-02-21 14:03:05 UTC` of an instant in microseconds; the raw number when it is no date. */
export function instantLabel(micros: number): string {
  const date = new Date(Math.floor(micros / 1000));
  if (Number.isNaN(date.getTime())) return `${micros} us`;
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `1 h 02 min 03 s` of a span in microseconds. */
export function spanLabel(micros: number): string {
  const seconds = Math.max(0, Math.round(micros / 1_000_000));
  if (micros < 10_000_000) return `${(Math.max(0, micros) / 1_000_000).toFixed(3)} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${countLabel(Math.floor(minutes / 60))} h ${two(minutes % 60)} min ${two(seconds % 60)} s`;
}

/** Microseconds as milliseconds with three digits after the point. */
export function millisLabel(micros: number): string {
  const [whole = "0", fraction = "000"] = (micros / 1000).toFixed(3).split(".");
  return `${countLabel(Number(whole))}.${fraction} ms`;
}
