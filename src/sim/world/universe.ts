import type {
  BookSide,
  Evidence,
  FeeSpec,
  FeeVersion,
  Label,
  Listing,
  Lots,
  Micros,
  Rng,
  Sha256Hex,
  Ticks,
  Transform,
} from "../../contracts/index.ts";
import type { FamilyTerms, WorldBook } from "./actions.ts";
import { GRID, Ladder, PRICE_SCALE } from "./ladder.ts";
import type { WorldShape } from "./options.ts";
import type { EventState, EventTemplate, Outcome, Quote } from "./state.ts";
import { bucketTitle, code, outcomeTitle, questionTitle } from "./titles.ts";

/** Connections of the three venues. simk spreads its events over two; sims has YES books on one, NO books on another. */
export const CONNECTIONS = [
  { id: 1, venue: "simk", sequenced: true },
  { id: 2, venue: "simk", sequenced: true },
  { id: 3, venue: "simp", sequenced: false },
  { id: 4, venue: "sims", sequenced: false },
  { id: 5, venue: "sims", sequenced: false },
] as const;

const KALSHI_RATES = ["0.07", "0.035", "0.07", "0", "0.07", "0.035"] as const;
const POLYMARKET_RATES = ["0.04", "0.05", "0", "0.04"] as const;
/** Latent probability and quote width of a longshot: its only ask lies below 0.02. */
const LONGSHOT_TICKS = 50;
const MIN_LATENT = 400;

export function templatesOf(shape: WorldShape): readonly EventTemplate[] {
  const templates: EventTemplate[] = [];
  const add = (kind: EventTemplate["kind"], venue: EventTemplate["venue"], count: number) => {
    for (let slot = 0; slot < count; slot++) templates.push({ kind, venue, slot, generation: 0 });
  };
  add("bucket", "simk", shape.kalshiBuckets);
  add("open_bucket", "simk", shape.kalshiOpenBuckets);
  add("binary", "simk", shape.kalshiBinaries);
  add("bucket", "simp", shape.polymarketBuckets);
  add("open_bucket", "simp", shape.polymarketOpenBuckets);
  add("binary", "simp", shape.polymarketBinaries);
  add("pair", "sims", shape.pairs);
  return templates;
}

/** Makes events from templates: terms, labels, fees, latent probabilities, empty books. */
export class Universe {
  readonly #rng: Rng;
  readonly #sha256: Sha256Hex;
  #books = 0;

  constructor(rng: Rng, sha256: Sha256Hex) {
    this.#rng = rng;
    this.#sha256 = sha256;
  }

  build(template: EventTemplate, opensAt: Micros, closesAt: Micros): EventState {
    const isBucket = template.kind === "bucket" || template.kind === "open_bucket";
    const longshot = template.kind === "bucket" && template.slot % 3 === 2;
    const count = isBucket ? 4 + this.#rng.int(4) : 1;
    const hidden = this.#hidden(template);
    const latents = this.#split(PRICE_SCALE - hidden - (longshot ? LONGSHOT_TICKS : 0), count, isBucket);
    if (longshot) latents.push(LONGSHOT_TICKS);
    const fee = feeOf(template);
    const markets = latents.map((_, i) => this.#marketId(template, i));
    const outcomes = latents.map((latentTicks, i): Outcome => {
      const terms = { template, fee, opensAt, closesAt, market: markets[i]!, index: i, of: latents.length };
      const pinned = longshot && i === latents.length - 1;
      return { latentTicks, pinned, quotes: this.#quotes(terms, pinned) };
    });
    const family = this.#family(template, markets, outcomes);
    return {
      kind: template.kind,
      family,
      fee,
      outcomes,
      hiddenTicks: hidden,
      holds: 0,
      open: true,
      closesAt,
      template,
    };
  }

  #hidden(template: EventTemplate): number {
    if (template.kind === "bucket") return 0;
    if (template.kind === "open_bucket") return GRID * (150 + this.#rng.int(150));
    return GRID * (200 + this.#rng.int(600));
  }

  /** `total` in grid steps over `count` outcomes, none below the least that is quoted normally. */
  #split(total: number, count: number, spread: boolean): number[] {
    if (!spread) return [total];
    const weights = Array.from({ length: count }, () => 1 + this.#rng.int(8));
    const sum = weights.reduce((a, b) => a + b, 0);
    const free = total - count * MIN_LATENT;
    const parts = weights.map((w) => MIN_LATENT + Math.floor((free * w) / sum / GRID) * GRID);
    parts[0]! += total - parts.reduce((a, b) => a + b, 0);
    return parts;
  }

  #marketId(template: EventTemplate, index: number): string {
    const { venue, slot, generation, kind } = template;
    if (venue === "simk") return `${eventTicker(template)}-${code(index)}`;
    return `0x${this.#sha256(`${venue}/${kind}/${slot}/${generation}/${index}`)}`;
  }

  #quotes(terms: Terms, pinned: boolean): readonly Quote[] {
    if (terms.template.kind !== "pair")
      return [this.#quote(terms, "unified", connectionOf(terms, 0), pinned)];
    return [
      this.#quote(terms, "yes", connectionOf(terms, 0), pinned),
      this.#quote(terms, "no", connectionOf(terms, 1), pinned),
    ];
  }

  #quote(terms: Terms, side: BookSide, connection: number, pinned: boolean): Quote {
    const { venue } = terms.template;
    const stepTicks = venue === "simp" && terms.template.slot % 2 === 1 ? GRID : 10 * GRID;
    const token = (name: string) => BigInt(`0x${this.#sha256(`${terms.market}/${name}`)}`).toString();
    const symbol = venue === "simk" ? terms.market : token(side === "no" ? "no" : "yes");
    const mirrorSymbol = venue === "simp" ? token("no") : null;
    const listing = listingOf(terms, side, symbol, mirrorSymbol, stepTicks);
    const book: WorldBook = {
      index: this.#books++,
      venue,
      connection,
      symbol,
      mirrorSymbol,
      market: listing.market,
      side,
      listing,
    };
    const halfTicks = pinned ? LONGSHOT_TICKS : 100 + 50 * this.#rng.int(3);
    return { book, ladder: new Ladder(), inverted: side === "no", stepTicks, halfTicks, silentUntil: 0 };
  }

  #family(template: EventTemplate, markets: readonly string[], outcomes: readonly Outcome[]): FamilyTerms {
    const { venue, kind, slot } = template;
    const isBucket = kind === "bucket" || kind === "open_bucket";
    const exhaustive: Label = kind === "open_bucket" ? (venue === "simk" ? "unknown" : "no") : "yes";
    const ids = markets.map((market) => `${venue}:${market}`);
    return {
      id: isBucket ? `${venue}:${eventTicker(template)}` : `${ids[0]}`,
      kind: isBucket ? "event" : "market",
      venue,
      title: isBucket ? bucketTitle(slot, kind === "open_bucket") : questionTitle(slot),
      members: outcomes.flatMap((outcome) => outcome.quotes.map((quote) => quote.book.symbol)),
      unquoted: [],
      exclusive: this.#evidence("yes", `${venue} lists ${ids.join(", ")} as exclusive`),
      exhaustive: this.#evidence(exhaustive, `${venue}: ${ids.join(", ")} cover every result: ${exhaustive}`),
      atMost: null,
      transforms: venue === "simp" && isBucket ? [convert(ids)] : [],
    };
  }

  #evidence(label: Label, text: string): Evidence {
    return { label, source: text, hash: this.#sha256(text), expiresAt: null };
  }
}

interface Terms {
  readonly template: EventTemplate;
  readonly fee: FeeSpec;
  readonly opensAt: Micros;
  readonly closesAt: Micros;
  readonly market: string;
  readonly index: number;
  readonly of: number;
}

function listingOf(
  terms: Terms,
  side: BookSide,
  symbol: string,
  mirrorSymbol: string | null,
  stepTicks: number,
): Listing {
  const { template, opensAt, closesAt } = terms;
  const sizeScale = template.venue === "simk" ? 100 : 1_000_000;
  const isBucket = template.kind === "bucket" || template.kind === "open_bucket";
  const open = template.kind === "open_bucket";
  const outcome = outcomeTitle(template.slot, terms.index, terms.of, open);
  const version: FeeVersion = {
    id: `${template.venue}-${template.slot}`,
    from: 0 as Micros,
    spec: terms.fee,
    source: "simulated venue",
  };
  return {
    symbol,
    market: `${template.venue}:${terms.market}`,
    side,
    ...(mirrorSymbol === null ? {} : { mirrorSymbol }),
    title: isBucket ? `${bucketTitle(template.slot, open)}: ${outcome}` : questionTitle(template.slot),
    priceScale: PRICE_SCALE,
    sizeScale,
    tickRanges: [
      {
        fromTicks: stepTicks as Ticks,
        toTicks: (PRICE_SCALE - stepTicks) as Ticks,
        stepTicks: stepTicks as Ticks,
      },
    ],
    minLots: (template.venue === "simk" ? sizeScale : 5 * sizeScale) as Lots,
    lotStep: (sizeScale / 100) as Lots,
    fees: [version],
    currency: template.venue === "simk" ? "USD" : "pUSD",
    status: "open",
    opensAt,
    closesAt,
  };
}

function feeOf(template: EventTemplate): FeeSpec {
  if (template.venue === "simk") {
    const takerRate = KALSHI_RATES[template.slot % KALSHI_RATES.length]!;
    return {
      type: "kalshi",
      takerRate,
      makerRate: "0",
      balancePrecision: "0.01",
      tradeFeePrecision: "0.000001",
    };
  }
  const rate = POLYMARKET_RATES[template.slot % POLYMARKET_RATES.length]!;
  if (rate === "0") return { type: "none" };
  return { type: "quadratic", rate, exponent: 1, decimals: 5, rounding: "up", takerOnly: true };
}

function connectionOf(terms: Terms, side: 0 | 1): number {
  const { venue, slot } = terms.template;
  if (venue === "simk") return 1 + (slot % 2);
  return venue === "simp" ? 3 : 4 + side;
}

function eventTicker(template: EventTemplate): string {
  const name = { bucket: "TEMP", open_bucket: "CUP", binary: "YN", pair: "PAIR" }[template.kind];
  return `SX${name}-${code(template.slot)}${template.generation}`;
}

function convert(markets: readonly string[]): Transform {
  return { type: "neg_risk_convert", markets, feeBips: 0, maxLots: null };
}
