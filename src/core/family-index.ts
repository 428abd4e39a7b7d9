import {
  type BookId,
  type Family,
  type Instrument,
  type MarketView,
  PICO_DIGITS,
  PICO_ONE,
  type Pico,
  parseDecimal,
} from "../contracts/index.ts";
import type { HeldPosition } from "./execution/sell-off.ts";
import { familyWorstValue, type Holding, type Standing } from "./ledger/worst-value.ts";

/** Families and books by market, and what their labels say of holdings. Built again only after listings changed. */
export class FamilyIndex {
  readonly #view: MarketView;
  readonly #byKey = new Map<string, Family>();
  readonly #byMarket = new Map<string, Family[]>();
  readonly #booksOf = new Map<string, BookId[]>();
  readonly #mergeable = new Set<string>();
  readonly #settled = new Map<string, Standing>();
  #stale = true;

  constructor(view: MarketView) {
    this.#view = view;
  }

  /** Instruments or families were listed or changed. */
  touch(): void {
    this.#stale = true;
  }

  /** A market settled at `yesPayout` (decimal text): its outcome is known from now on. */
  settled(market: string, yesPayout: string): void {
    const payout = parseDecimal(yesPayout, PICO_DIGITS);
    this.#settled.set(market, payout === PICO_ONE ? "yes" : payout === 0n ? "no" : "other");
  }

  byKey(key: string): Family | undefined {
    this.#refresh();
    return this.#byKey.get(key);
  }

  titleOf(key: string): string {
    return this.byKey(key)?.title ?? key;
  }

  /** Whether the venue of a market turns YES + NO into money. */
  canMerge(market: string): boolean {
    this.#refresh();
    return this.#mergeable.has(market);
  }

  /** The least that holdings pay over all states that the families' labels allow. */
  worst(holdings: readonly Holding[]): Pico {
    // Asked at every settlement: without this a catalogue of settled markets is indexed anew for each of them.
    if (holdings.length === 0) return 0n as Pico;
    this.#refresh();
    const families = new Set(holdings.flatMap(({ market }) => this.#byMarket.get(market) ?? []));
    const standingOf = (market: string): Standing => this.#settled.get(market) ?? "open";
    return familyWorstValue([...families], (family) => this.#marketsOf(family), standingOf)(holdings);
  }

  /** Held claims with a book they can be sold on. */
  sellable(holdings: readonly Holding[]): HeldPosition[] {
    this.#refresh();
    return holdings.flatMap(({ market, yes, no }) =>
      [["yes", yes] as const, ["no", no] as const].flatMap(([claim, contracts]) => {
        const instrument = contracts > 0n ? this.#bookFor(market, claim) : undefined;
        return instrument === undefined ? [] : [{ instrument, claim, contracts }];
      }),
    );
  }

  #bookFor(market: string, claim: "yes" | "no"): Instrument | undefined {
    const instruments = (this.#booksOf.get(market) ?? []).map((book) => this.#view.instrument(book));
    return instruments.find((item) => item?.side === "unified" || item?.side === claim);
  }

  #marketsOf(family: Family): string[] {
    return family.members.map((book) => this.#view.instrument(book)?.market ?? "");
  }

  #refresh(): void {
    if (!this.#stale) return;
    this.#stale = false;
    for (const map of [this.#byKey, this.#byMarket, this.#booksOf]) map.clear();
    this.#mergeable.clear();
    for (let index = 0; index < this.#view.familyCount(); index++) this.#add(this.#view.family(index));
  }

  #add(family: Family): void {
    this.#byKey.set(family.id, family);
    for (const transform of family.transforms)
      if (transform.type === "merge") this.#mergeable.add(transform.market);
    for (const book of family.members) {
      const market = this.#view.instrument(book)?.market;
      if (market === undefined) continue;
      this.#byMarket.set(market, [...(this.#byMarket.get(market) ?? []), family]);
      const books = this.#booksOf.get(market) ?? [];
      if (!books.includes(book)) this.#booksOf.set(market, [...books, book]);
    }
  }
}
