/** Names for simulated events. Places and people are made up. */

const CITIES = ["Northfield", "Port Alder", "Kestrel Bay", "Marrow", "Old Quay", "Saltmarsh"] as const;
const CUPS = ["Harbour Cup", "Granite League", "Lantern Open", "Meridian Trophy", "Copper Shield"] as const;
const NAMES = ["Ashdown", "Bellweather", "Corvin", "Dunmore", "Elsworth", "Fairhaven", "Galloway"] as const;
const QUESTIONS = [
  "Ferry strike before Friday",
  "Rain at the regatta",
  "Copper above 5.00 at the close",
  "Parliament sits past midnight",
  "New bridge opens this week",
  "Rate cut at the next meeting",
  "Launch before noon",
  "Index closes higher",
] as const;

const CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export function bucketTitle(slot: number, open: boolean): string {
  return open ? `${pick(CUPS, slot)} winner` : `Highest temperature in ${pick(CITIES, slot)}`;
}

/** Outcome titles; a closed bucket's ranges cover the whole line. */
export function outcomeTitle(slot: number, index: number, count: number, open: boolean): string {
  if (open) return pick(NAMES, slot + index);
  const low = 40 + slot * 3 + index * 2;
  if (index === 0) return `${low + 1} or below`;
  return index === count - 1 ? `${low} or above` : `${low} to ${low + 1}`;
}

export function questionTitle(slot: number): string {
  return `${pick(QUESTIONS, slot)}?`;
}

/** A short upper-case code from a number: 0 = A, 26 = BA. */
export function code(value: number): string {
  let rest = value;
  let text = "";
  do {
    text = CODE_LETTERS[rest % 26]! + text;
    rest = Math.floor(rest / 26);
  } while (rest > 0);
  return text;
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length]!;
}
