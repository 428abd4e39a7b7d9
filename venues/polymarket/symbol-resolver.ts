import type { MapperEnv, Micros, SymbolHit } from "../../src/contracts/index.ts";
import type { Emitter } from "./emitter.ts";
import { KnownTokens } from "./known-tokens.ts";
import { isTokenId, type TokenCache } from "./token-cache.ts";
import type { WireFrame } from "./wire-frame.ts";

const DECODER = new TextDecoder();
const UNRESOLVED = -2;

/** Books of the symbols of one frame, each looked up once. */
export class SymbolResolver {
  readonly #env: MapperEnv;
  readonly #frame: WireFrame;
  readonly #out: Emitter;
  readonly #tokens: KnownTokens;
  #hits = new Int32Array(16);
  #recvAt = 0 as Micros;

  constructor(env: MapperEnv, frame: WireFrame, out: Emitter) {
    this.#env = env;
    this.#frame = frame;
    this.#out = out;
    this.#tokens = new KnownTokens(env.symbols);
  }

  get tokens(): TokenCache {
    return this.#tokens.cache;
  }

  /** Starts a decoded frame. */
  begin(recvAt: Micros): void {
    const count = this.#frame.symbolCount;
    if (count > this.#hits.length) this.#hits = new Int32Array(count * 2);
    for (let i = 0; i < count; i++) this.#hits[i] = UNRESOLVED;
    this.#recvAt = recvAt;
  }

  /** Book and mirror of a symbol of this frame; an unknown token id becomes a book of its own. -1: no book. */
  hit(symbol: number): SymbolHit {
    const known = this.#hits[symbol]!;
    if (known !== UNRESOLVED) return known;
    const { bytes, symbolStart, symbolEnd, symbolToken } = this.#frame;
    const start = symbolStart[symbol]!;
    const end = symbolEnd[symbol]!;
    let hit = this.#tokens.find(bytes, start, end, symbolToken[symbol]!);
    if (hit === -1 && isTokenId(bytes, start, end)) {
      this.#out.beforeObject();
      hit = this.#env.symbols.learn(this.text(symbol), this.#recvAt);
    }
    this.#hits[symbol] = hit;
    return hit;
  }

  /** Book and mirror of a symbol if it has one already; nothing is learned. */
  existing(symbol: number): SymbolHit {
    const { bytes, symbolStart, symbolEnd } = this.#frame;
    return this.#env.symbols.find(bytes, symbolStart[symbol]!, symbolEnd[symbol]!);
  }

  text(symbol: number): string {
    const { bytes, symbolStart, symbolEnd } = this.#frame;
    return DECODER.decode(bytes.subarray(symbolStart[symbol], symbolEnd[symbol]));
  }
}
