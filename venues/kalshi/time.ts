const RFC3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * An RFC 3339 instant as microseconds since the epoch, digits beyond microseconds dropped.
 * Accepts a blank between date and time, as one recorder writes it.
 * @returns null when the text is no instant between 1970 and 2255.
 */
export function rfc3339Micros(text: string): number | null {
  if (text.length > 40) return null;
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, date, time, fraction = "", zone] = match;
  const millis = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(millis) || millis < 0) return null;
  const micros = millis * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
  return Number.isSafeInteger(micros) ? micros : null;
}
