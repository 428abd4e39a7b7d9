import type { EmbeddedEvent, EventSpec, Micros, Sha256Hex } from "../../../src/contracts/index.ts";

/** Taker fee of embedded markets whose fees are on, in basis points of the bought shares: a made-up figure. */
export const EMBEDDED_TAKER_FEE_BPS = "100";
/** Least order in quanta of a share, as text. */
export const EMBEDDED_MIN_SIZE = "5000000";

const SECOND = 1_000_000;

/** Ids of one outcome's market; they depend on the question and its place, on nothing that changes. */
export interface MarketIds {
  readonly slug: string;
  readonly conditionId: string;
  readonly tokens: { readonly yes: string; readonly no: string };
}

/** Every second question is free of fees. */
export function feeEnabled(spec: EventSpec): boolean {
  return spec.variety % 2 === 1;
}

/** The last outcome of an exhaustive bucket stands for all that is not named. */
export function isOther(spec: EventSpec, outcome: number): boolean {
  return spec.kind === "bucket" && outcome === spec.outcomes.length - 1;
}

/** Slug of a question: of its market for a binary, of its group else. */
export function questionSlug(spec: EventSpec): string {
  return slugOf(spec.title, `${spec.slot}-${spec.generation}`);
}

export function marketIds(spec: EventSpec, outcome: number, sha256: Sha256Hex): MarketIds {
  const seed = `limitless/${spec.topic}/${spec.slot}/${spec.generation}/${outcome}`;
  const token = (side: string): string => BigInt(`0x${sha256(`${seed}/${side}`)}`).toString();
  const name = spec.kind === "binary" ? spec.title : (spec.outcomes[outcome] ?? "");
  const suffix = spec.kind === "binary" ? "" : `-${outcome}`;
  return {
    slug: slugOf(name, `${spec.slot}-${spec.generation}${suffix}`),
    conditionId: `0x${sha256(`${seed}/condition`)}`,
    tokens: { yes: token("yes"), no: token("no") },
  };
}

/** Null for a market of its own. */
export function negRiskMarketId({ spec }: EmbeddedEvent, sha256: Sha256Hex): string | null {
  if (spec.kind === "binary") return null;
  return `0x${sha256(`limitless/${spec.topic}/${spec.slot}/${spec.generation}/neg-risk`)}`;
}

/** Catalogue instants are whole seconds. */
export function wholeSecond(at: Micros): Micros {
  return (Math.floor(at / SECOND) * SECOND) as Micros;
}

function slugOf(title: string, number: string): string {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${words.slice(0, 80)}-${number}`;
}
