import { createHash } from "node:crypto";
import fc from "fast-check";
import type { BookId, BookSide, Family, FeeSpec, Label, MarketView } from "../../src/contracts/index.ts";
import { evidence, family, type TestBook, view } from "../../src/proof/test-view.ts";

/** Markets that any lane can be asked to look at: several families of every kind over books in any state. */

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

type Rows = readonly (readonly [number, number])[];

const FEES: readonly FeeSpec[] = [
  { type: "none" },
  { type: "none" },
  {
    type: "kalshi",
    takerRate: "0.07",
    makerRate: "0",
    balancePrecision: "0.01",
    tradeFeePrecision: "0.000001",
  },
  { type: "quadratic", rate: "0.04", exponent: 1, decimals: 5, rounding: "up", takerOnly: true },
  { type: "unknown", why: "test" },
];

/** Best price first; bids below `mid`, asks above it. */
function side(mid: number, step: 1 | -1): fc.Arbitrary<Rows> {
  const row = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 200 }));
  return fc.uniqueArray(row, { selector: ([away]) => away, maxLength: 3 }).map((rows) =>
    rows
      .toSorted(([a], [b]) => a - b)
      .map(([away, lots]) => [mid + step * (away + 1), lots] as const)
      .filter(([ticks]) => ticks > 0 && ticks < 1_000),
  );
}

interface Quoted {
  readonly bids: Rows;
  readonly asks: Rows;
  readonly barred: boolean;
  readonly fee: FeeSpec;
}

function quoted(least: number, most: number): fc.Arbitrary<Quoted> {
  return fc.integer({ min: least, max: most }).chain((mid) =>
    fc.record({
      bids: side(mid, -1),
      asks: side(mid, 1),
      barred: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      fee: fc.constantFrom(...FEES),
    }),
  );
}

const label = fc.constantFrom<Label>("yes", "yes", "no", "unknown");

interface Drawn {
  readonly kind: Family["kind"];
  readonly sides: readonly BookSide[];
  readonly quotes: readonly Quoted[];
  readonly exclusive: Label;
  readonly exhaustive: Label;
  readonly canSplit: boolean;
}

/** Prices that often add up to an arbitrage: the outcomes of an event around one, the pair of a market around one half. */
const drawn: fc.Arbitrary<Drawn> = fc.oneof(
  fc.integer({ min: 0, max: 5 }).chain((count) => {
    const around = Math.floor(1_000 / Math.max(2, count));
    return fc.record({
      kind: fc.constant<Family["kind"]>("event"),
      sides: fc.constant(Array.from({ length: count }, (): BookSide => "unified")),
      quotes: fc.array(quoted(around - 60, around + 60), { minLength: count, maxLength: count }),
      exclusive: label,
      exhaustive: label,
      canSplit: fc.boolean(),
    });
  }),
  fc
    .constantFrom<readonly BookSide[]>(["yes", "no"], ["yes", "no"], ["unified"], ["yes"], [])
    .chain((sides) =>
      fc.record({
        kind: fc.constant<Family["kind"]>("market"),
        sides: fc.constant(sides),
        quotes: fc.array(quoted(440, 560), { minLength: sides.length, maxLength: sides.length }),
        exclusive: label,
        exhaustive: label,
        canSplit: fc.boolean(),
      }),
    ),
);

export interface LaneMarket {
  readonly view: MarketView;
  readonly families: readonly Family[];
}

export const LANE_MARKET: fc.Arbitrary<LaneMarket> = fc
  .array(drawn, { minLength: 1, maxLength: 4 })
  .map(build);

function build(all: readonly Drawn[]): LaneMarket {
  const books: TestBook[] = [];
  const families = all.map((one, index): Family => {
    const members = one.sides.map((bookSide, at) => {
      const { bids, asks, barred, fee } = one.quotes[at]!;
      const market = one.kind === "market" ? `m${index}` : `m${index}-${at}`;
      return (books.push({ market, side: bookSide, bids, asks, barred, fee }) - 1) as BookId;
    });
    return family(one.kind, 0, {
      id: `x:f${index}`,
      members,
      exclusive: evidence(one.exclusive),
      exhaustive: evidence(one.exhaustive),
      transforms:
        one.canSplit && one.kind === "market"
          ? [{ type: "split", market: `x:m${index}`, maxLots: null }]
          : [],
    });
  });
  const base = view(books, families[0]!, sha256);
  const of = (book: BookId) =>
    families.flatMap((each, index) => (each.members.includes(book) ? [index] : []));
  const market: MarketView = {
    ...base,
    instrument: (book) => frozen(base.instrument(book)),
    ladder: (book, which, most) => frozen(base.ladder(book, which, most)),
    familyCount: () => families.length,
    family: (index) => frozen(families[index]!),
    familiesOf: of,
  };
  return { view: Object.freeze(market), families };
}

/** Deeply frozen: a lane that writes to what it reads throws. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const each of Object.values(value)) frozen(each);
    Object.freeze(value);
  }
  return value;
}
