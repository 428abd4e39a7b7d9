import { WebSocket } from "ws";
import type { ServedPeer, ServedSocket } from "../../contracts/index.ts";

/** Not a code that may be sent: it stands for a connection that breaks without a close. */
const BROKEN = 1006;

/** A client's socket and the server's end of it, tied together. */
export class ServedLink implements ServedPeer {
  readonly #maxBufferedBytes: number;
  #served: ServedSocket | null = null;
  #client: WebSocket | null = null;
  /** What the server did before the upgrade was done. */
  #early: ((client: WebSocket) => void)[] = [];

  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  serve(served: ServedSocket): void {
    this.#served = served;
  }

  open(client: WebSocket): void {
    this.#client = client;
    // The end of the TCP connection ends the link; what broke it is of no interest here.
    client.on("error", () => {});
    client.on("message", (data) => this.#served?.message(data.toString()));
    client.on("pong", () => this.#served?.pong());
    for (const act of this.#early) act(client);
    this.#early = [];
  }

  /** The connection is gone. */
  ended(): void {
    const served = this.#served;
    this.#served = null;
    served?.closed();
  }

  send(text: string): void {
    this.#act((client) => {
      if (client.readyState !== WebSocket.OPEN) return;
      client.send(text);
      if (client.bufferedAmount > this.#maxBufferedBytes) client.terminate();
    });
  }

  ping(body: string): void {
    this.#act((client) => {
      if (client.readyState === WebSocket.OPEN) client.ping(body);
    });
  }

  close(code: number, reason: string): void {
    this.#act((client) => {
      if (code === BROKEN) client.terminate();
      else client.close(code, reason);
    });
  }

  #act(act: (client: WebSocket) => void): void {
    if (this.#client !== null) act(this.#client);
    else this.#early.push(act);
  }
}
