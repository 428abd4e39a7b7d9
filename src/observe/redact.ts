/** Keeps secrets out of logs: by the name of the key, and by the look of the text. */

export const REDACTED = "[redacted]";

const SECRET_KEY =
  /secret|passw|passphrase|api[-_]?key|private[-_]?key|access[-_]?(key|token)|auth(orization)?$|cookie|signature|bearer|credential|mnemonic/i;
const SECRET_TEXT = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(Bearer|Basic) [A-Za-z0-9+/=._-]{8,}/;
const MAX_DEPTH = 6;
const MAX_FIELDS = 200;

/** A copy without secrets; deep or wide values are cut, so that no log line is unbounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return SECRET_TEXT.test(value) ? REDACTED : value;
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (value instanceof Error)
    return { type: value.name, message: redact(value.message), stack: redact(value.stack) };
  if (Array.isArray(value)) return value.slice(0, MAX_FIELDS).map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value).slice(0, MAX_FIELDS))
    copy[key] = SECRET_KEY.test(key) ? REDACTED : redact(field, depth + 1);
  return copy;
}
