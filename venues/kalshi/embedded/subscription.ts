import type { ServedPeer } from "../../../src/contracts/index.ts";
import { numbered, unnumbered } from "./frames.ts";

/** One channel of one connection: the scope of the venue's `seq`. */
export class Subscription {
  readonly sid: number;
  readonly channel: string;
  readonly account: string;
  /** NO prices on the YES scale. */
  readonly yesPrice: boolean;
  /** Replies leave the list of markets out. */
  readonly skipAck: boolean;
  /** Markets it is narrowed to; null = all. */
  symbols: Set<string> | null;
  readonly #peer: ServedPeer;
  #seq = 0;

  constructor(
    peer: ServedPeer,
    terms: Pick<Subscription, "sid" | "channel" | "account" | "yesPrice" | "skipAck" | "symbols">,
  ) {
    this.#peer = peer;
    this.sid = terms.sid;
    this.channel = terms.channel;
    this.account = terms.account;
    this.yesPrice = terms.yesPrice;
    this.skipAck = terms.skipAck;
    this.symbols = terms.symbols;
  }

  /** The next number, for a frame that is sent right away. */
  next(): number {
    return ++this.#seq;
  }

  sendNumbered(type: string, msg: string): void {
    this.#peer.send(numbered(type, this.sid, this.next(), msg));
  }

  sendPlain(type: string, msg: string): void {
    this.#peer.send(unnumbered(type, this.sid, msg));
  }

  send(text: string): void {
    this.#peer.send(text);
  }
}
