import type { EventSpec, Sha256Hex } from "../../../src/contracts/index.ts";

/** Room per event in the numbers of its markets: questions of a negative-risk market have one byte. */
const MARKETS_PER_EVENT = 256;
const FIRST_EVENT = 10_000;
const SLOTS = 1_000_000;

/** Gamma's number of an event: unique over slots below 1,000,000, and higher for a later generation. */
export function eventNumber(spec: EventSpec): number {
  return FIRST_EVENT + spec.generation * SLOTS + spec.slot;
}

/** Gamma's number of an outcome's market. */
export function marketNumber(spec: EventSpec, outcome: number): number {
  return eventNumber(spec) * MARKETS_PER_EVENT + outcome;
}

/** 32-byte ids, lower-case hex with 0x, except tokens: decimal 256-bit integers. */
export interface MarketIds {
  readonly conditionId: string;
  readonly tokens: readonly [string, string];
}

/** The negative-risk market of an event: the low byte is free for the question's index (NegRiskAdapter). */
export function negRiskMarketId(spec: EventSpec, sha256: Sha256Hex): string {
  return `0x${sha256(`${seed(spec)}/neg-risk`).slice(0, 62)}00`;
}

/** Ids of one outcome's market. They depend on the question and its place, on nothing that changes. */
export function marketIds(spec: EventSpec, outcome: number, sha256: Sha256Hex): MarketIds {
  const own = `${seed(spec)}/${outcome}`;
  const token = (side: string): string => BigInt(`0x${sha256(`${own}/token/${side}`)}`).toString();
  return {
    conditionId: `0x${sha256(`${own}/condition`)}`,
    tokens: [token("yes"), token("no")],
  };
}

/** The question of an outcome: within a negative-risk market its id and the index of the question. */
export function questionId(
  spec: EventSpec,
  outcome: number,
  negRiskMarket: string | null,
  sha256: Sha256Hex,
): string {
  if (negRiskMarket === null) return `0x${sha256(`${seed(spec)}/${outcome}/question`)}`;
  return negRiskMarket.slice(0, -2) + outcome.toString(16).padStart(2, "0");
}

/** Text as it stands in a web address. */
export function slugOf(text: string, number: number): string {
  const words = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${words.slice(0, 80)}-${number}`;
}

function seed(spec: EventSpec): string {
  return `polymarket/${spec.topic}/${spec.slot}/${spec.generation}`;
}
