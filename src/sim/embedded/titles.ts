/** Names for the questions of embedded venues. Places and people are made up; every topic's words are its own. */

const CITIES = [
  "Northfield",
  "Port Alder",
  "Kestrel Bay",
  "Marrow",
  "Old Quay",
  "Saltmarsh",
  "Fenwick",
  "Tarn Hollow",
  "Elder Cross",
  "Whitcombe",
  "Graycliff",
  "Sunder Point",
] as const;
const CUPS = [
  "Harbour Cup",
  "Granite League",
  "Lantern Open",
  "Meridian Trophy",
  "Copper Shield",
  "Orchard Series",
  "Beacon Derby",
] as const;
const NAMES = [
  "Ashdown",
  "Bellweather",
  "Corvin",
  "Dunmore",
  "Elsworth",
  "Fairhaven",
  "Galloway",
  "Hartnell",
  "Inchbald",
  "Jessop",
  "Kilbride",
] as const;
const SUBJECTS = [
  "the ferry strike end",
  "it rain at the regatta",
  "copper close above 5.00",
  "parliament sit past midnight",
  "the new bridge open",
  "the central bank cut its rate",
  "the rocket launch before noon",
  "the index close higher",
  "the merger be approved",
] as const;

/** Whole degrees between the lower ends of two neighbouring ranges. */
const RANGE = 2;

export interface Wording {
  readonly title: string;
  readonly outcomes: readonly string[];
  readonly rules: string;
}

export function binaryWording(number: number): Wording {
  const city = pick(CITIES, Math.floor(number / SUBJECTS.length));
  const title = `Will ${pick(SUBJECTS, number)} in ${city} in round ${number}?`;
  const rules =
    `Pays if the ${city} Gazette reports that it happened in round ${number}. ` +
    "The report printed first counts; a round that is not held resolves to one half.";
  return { title, outcomes: ["Yes"], rules };
}

/** Ranges of whole degrees that cover the line: `41 or below`, `42 to 43`, ..., `50 or above`. */
export function rangeWording(number: number, count: number): Wording {
  const city = pick(CITIES, number);
  const low = 20 + (number % 37) + RANGE;
  const outcomes = Array.from({ length: count }, (_, i) => {
    const from = low + (i - 1) * RANGE;
    if (i === 0) return `${low - 1} or below`;
    return i === count - 1 ? `${from} or above` : `${from} to ${from + RANGE - 1}`;
  });
  const rules =
    `Pays for the range that holds the highest temperature at ${city} station in reading ${number}, ` +
    "in whole degrees as the station prints it.";
  return { title: `Highest temperature in ${city} in reading ${number}?`, outcomes, rules };
}

/** Some of the contenders: someone else may win. */
export function contestWording(number: number, count: number): Wording {
  const cup = pick(CUPS, number);
  const outcomes = Array.from({ length: count }, (_, i) => pick(NAMES, number + i));
  const rules = `Pays for the winner of edition ${number} of the ${cup}. Others than those listed may win.`;
  return { title: `Who wins edition ${number} of the ${cup}?`, outcomes, rules };
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length]!;
}
