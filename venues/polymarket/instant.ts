import type { Micros } from "../../src/contracts/index.ts";

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?))?$/;

/**
 * Gamma's instants: `2026-06-22T12:00:00.123456Z`, `2025-12-19 23:40:00+00`, or a bare date (midnight UTC).
 * @returns null for anything else.
 */
export function parseInstant(text: string | null | undefined): Micros | null {
  const match = PATTERN.exec(text ?? "");
  if (match === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const utc = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second);
  const date = new Date(utc);
  if (date.getUTCMonth() !== +month! - 1 || date.getUTCDate() !== +day!) return null;
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return (utc * 1000 + micros - zoneMinutes(zone) * 60_000_000) as Micros;
}

function zoneMinutes(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || "0");
  return zone.startsWith("-") ? -minutes : minutes;
}
