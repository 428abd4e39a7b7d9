import type { SymbolHit, SymbolIndex } from "../../src/contracts/index.ts";
import { type Catalogue, catalogueOf } from "./catalogue.ts";
import { TokenCache } from "./token-cache.ts";

/**
 * Tokens and what the symbol index says of them, asked once. Listings change through the catalogue (a token learned as
 * a book of its own may turn out to be a mirror), and with its version every answer is asked for again.
 */
export class KnownTokens {
  readonly cache = new TokenCache();
  readonly #symbols: SymbolIndex;
  readonly #catalogue: Catalogue;
  #hits = new Int32Array(64);
  #versions = new Float64Array(64).fill(-1);

  constructor(symbols: SymbolIndex) {
    this.#symbols = symbols;
    this.#catalogue = catalogueOf(symbols);
  }

  /** Hit of the symbol `bytes[start, end)`, -1 when unknown; `token` is its number in the cache, or -1. */
  find(bytes: Uint8Array, start: number, end: number, token: number): SymbolHit {
    const version = this.#catalogue.version;
    if (token !== -1 && this.#versions[token] === version) return this.#hits[token]!;
    const hit = this.#symbols.find(bytes, start, end);
    const number = hit !== -1 && token === -1 ? this.cache.add(bytes, start, end) : token;
    if (hit !== -1 && number !== -1) this.#keep(number, hit, version);
    return hit;
  }

  #keep(token: number, hit: SymbolHit, version: number): void {
    if (token >= this.#hits.length) {
      const hits = new Int32Array(token * 2);
      hits.set(this.#hits);
      this.#hits = hits;
      const versions = new Float64Array(token * 2).fill(-1);
      versions.set(this.#versions);
      this.#versions = versions;
    }
    this.#hits[token] = hit;
    this.#versions[token] = version;
  }
}
