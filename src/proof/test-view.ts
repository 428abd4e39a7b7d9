/** A MarketView made by hand, for the tests of lanes and of what reads books. */

import type { Finding } from "../contracts/index.ts";
import {
  BID,
  type BookId,
  type BookSide,
  type Evidence,
  type Family,
  type FeeSpec,
  type Instrument,
  type LaneModule,
  type Level,
  type Lots,
  type MarketView,
  type Micros,
  type Reason,
  reasonOf,
  type Sha256Hex,
  type Side,
  type Ticks,
} from "../contracts/index.ts";

/** A book of a test: levels best first in 1/1000 and whole contracts. */
export interface TestBook {
  readonly market: string;
  readonly side: BookSide;
  readonly bids?: readonly (readonly [ticks: number, lots: number])[];
  readonly asks?: readonly (readonly [ticks: number, lots: number])[];
  readonly barred?: boolean;
  readonly fee?: FeeSpec;
  readonly minLots?: number;
}

const NOW = 1_000_000 as Micros;

export function evidence(label: Evidence["label"], expiresAt: number | null = null): Evidence {
  return { label, source: "test", hash: `rules-${label}`, expiresAt: expiresAt as Micros | null };
}

export function family(kind: Family["kind"], books: number, more: Partial<Family> = {}): Family {
  return {
    id: "x:event",
    kind,
    venue: "x",
    title: "test event",
    members: Array.from({ length: books }, (_, book) => book as BookId),
    unquoted: [],
    exclusive: evidence("yes"),
    exhaustive: evidence("yes"),
    atMost: null,
    transforms: [],
    ...more,
  };
}

export function view(books: readonly TestBook[], one: Family, sha256: Sha256Hex): MarketView {
  const instruments = books.map(instrumentOf);
  const levels = (book: BookId, side: Side): readonly (readonly [number, number])[] =>
    (side === BID ? books[book]?.bids : books[book]?.asks) ?? [];
  return {
    now: NOW,
    factSeq: 42,
    instrument: (book) => instruments[book],
    familyCount: () => 1,
    family: () => one,
    familiesOf: () => [0],
    barred: (book) => (books[book]?.barred === true ? 153 : 0),
    bestTicks: (book, side) => levels(book, side)[0]?.[0] ?? -1,
    bestLots: (book, side) => levels(book, side)[0]?.[1] ?? -1,
    ladder: (book, side, most) =>
      levels(book, side)
        .slice(0, most)
        .map(([ticks, lots]): Level => ({ ticks: ticks as Ticks, lots: lots as Lots })),
    settledLots: () => -1,
    sha256,
  };
}

/** One scan over the family: its findings, and the single diagnosis it got. */
export function scan<Options>(
  lane: LaneModule<Options>,
  market: MarketView,
  options: unknown = {},
): { readonly findings: readonly Finding[]; readonly diagnoses: readonly (Reason | undefined)[] } {
  const findings: Finding[] = [];
  const diagnoses: (Reason | undefined)[] = [];
  const out = {
    finding: (finding: Finding) => void findings.push(finding),
    diagnose: (_index: number, number: number) => void diagnoses.push(reasonOf(number)),
  };
  lane.create(lane.parse(options)).scan(market, Int32Array.of(0, 99), 1, out);
  return { findings, diagnoses };
}

function instrumentOf(book: TestBook, index: number): Instrument {
  return {
    book: index as BookId,
    key: `x:${book.market}${book.side === "unified" ? "" : `.${book.side}`}`,
    venue: "x",
    symbol: book.market,
    market: `x:${book.market}`,
    side: book.side,
    title: book.market,
    priceScale: 1_000,
    sizeScale: 1,
    tickRanges: [{ fromTicks: 1 as Ticks, toTicks: 999 as Ticks, stepTicks: 1 as Ticks }],
    minLots: (book.minLots ?? 1) as Lots,
    lotStep: 1 as Lots,
    fees: [{ id: "v1", from: 0 as Micros, spec: book.fee ?? { type: "none" }, source: "test" }],
    currency: "USD",
    status: "open",
    opensAt: null,
    closesAt: null,
  };
}
