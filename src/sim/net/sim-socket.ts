import type {
  NetSocket,
  ServedAnswer,
  ServedPeer,
  ServedSocket,
  SocketEnd,
  SocketHandlers,
  Timers,
} from "../../contracts/index.ts";

interface SimSocketOptions {
  readonly clock: Timers;
  readonly handlers: SocketHandlers;
  upMicros(): number;
  downMicros(): number;
  /** Called once, when the client's end is closed. */
  gone(): void;
}

const NORMAL = 1000;
const DROPPED = 1006;
const ENCODER = new TextEncoder();
/** UTF-8 needs at most three bytes per UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** Text of the message being delivered; shared by all sockets, as a message is valid during the call only. */
let scratch = new Uint8Array(64 * 1024);

/** Both ends of one simulated socket. Everything crosses it in order, each way with its own delays. */
export class SimSocket implements NetSocket {
  readonly #options: SimSocketOptions;
  #state: "dialling" | "open" | "closing" | "closed" = "dialling";
  #served: ServedSocket | null = null;
  #serverEnded = false;
  /** Nothing arrives before what was sent earlier. */
  #upAt = 0;
  #downAt = 0;

  constructor(options: SimSocketOptions) {
    this.#options = options;
  }

  /** Opens it: the server answers `accept` when the request has reached it. */
  dial(accept: (peer: ServedPeer) => ServedSocket | ServedAnswer): void {
    this.#up(() => {
      if (this.#state === "closed") return;
      // Whatever the server sends from within `accept` must arrive after `opened`.
      let refusal: ServedAnswer | null = null;
      this.#down(() => {
        if (refusal === null) this.#opened();
        else this.#refused(refusal);
      });
      const answer = accept(this.#peer());
      if ("status" in answer) {
        this.#serverEnded = true;
        refusal = answer;
      } else this.#served = answer;
    });
  }

  send(text: string): void {
    if (this.#state === "open") this.#up(() => this.#toServer((served) => served.message(text)));
  }

  /** The server's end answers it; nobody sees that. */
  ping(): void {}

  close(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#up(() => {
      this.#endServer();
      this.#down(() => this.#closed({ kind: "closed", code: NORMAL, detail: "" }));
    });
  }

  /** Ends it without a word to either side's protocol, as a broken connection does. */
  drop(detail: string): void {
    this.#options.clock.after(0, () => {
      this.#endServer();
      this.#closed({ kind: "closed", code: DROPPED, detail });
    });
  }

  #opened(): void {
    if (this.#state !== "dialling") return;
    this.#state = "open";
    this.#options.handlers.opened(this.#options.clock.now());
  }

  #refused(answer: ServedAnswer): void {
    const { status } = answer;
    if (status === 0) this.#closed({ kind: "unreachable", code: 0, detail: "no connection" });
    else this.#closed({ kind: "refused", code: status, detail: `upgrade refused with ${status}` });
  }

  #closed(end: SocketEnd): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#options.gone();
    this.#options.handlers.closed(end, this.#options.clock.now());
  }

  #peer(): ServedPeer {
    return {
      send: (text) => {
        if (!this.#serverEnded) this.#down(() => this.#message(text));
      },
      ping: () => {
        if (!this.#serverEnded) this.#down(() => this.#pinged());
      },
      close: (code, reason) => {
        if (this.#serverEnded) return;
        this.#serverEnded = true;
        this.#down(() => {
          this.#closed({ kind: "closed", code, detail: reason });
          this.#up(() => this.#served?.closed());
        });
      },
    };
  }

  #message(text: string): void {
    if (this.#state !== "open") return;
    if (text.length * BYTES_PER_UNIT > scratch.length) scratch = new Uint8Array(text.length * BYTES_PER_UNIT);
    const { written } = ENCODER.encodeInto(text, scratch);
    this.#options.handlers.message(scratch, 0, written, this.#options.clock.now());
  }

  #pinged(): void {
    if (this.#state !== "open") return;
    this.#options.handlers.pinged(this.#options.clock.now());
    this.#up(() => this.#toServer((served) => served.pong()));
  }

  #toServer(tell: (served: ServedSocket) => void): void {
    if (!this.#serverEnded && this.#served !== null) tell(this.#served);
  }

  #endServer(): void {
    if (this.#serverEnded) return;
    this.#serverEnded = true;
    this.#served?.closed();
  }

  #up(run: () => void): void {
    this.#upAt = this.#inOrder(this.#upAt, this.#options.upMicros(), run);
  }

  #down(run: () => void): void {
    this.#downAt = this.#inOrder(this.#downAt, this.#options.downMicros(), run);
  }

  #inOrder(earliest: number, delayMicros: number, run: () => void): number {
    const { clock } = this.#options;
    const now = clock.now();
    const at = Math.max(earliest, now + delayMicros);
    clock.after(at - now, run);
    return at;
  }
}
