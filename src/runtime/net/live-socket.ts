import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import type { Clock, NetSocket, SocketEnd, SocketHandlers } from "../../contracts/index.ts";

/** Bounds of one socket. */
export interface SocketLimits {
  /** Largest message that is read; a longer one ends the socket with code 1009. */
  readonly maxMessageBytes: number;
  /** Bytes that may wait to be sent; more end the socket. */
  readonly maxSendBytes: number;
  readonly handshakeTimeoutMs: number;
  /** How long the other side may take to answer a close. */
  readonly closeTimeoutMs: number;
}

const NORMAL = 1000;

/** One client socket of `ws` behind the contract. */
export class LiveSocket implements NetSocket {
  readonly #socket: WebSocket | null;
  readonly #handlers: SocketHandlers;
  readonly #limits: SocketLimits;
  readonly #clock: Clock;
  readonly #gone: (socket: LiveSocket) => void;
  #closing = false;
  #ended = false;
  #error = "";

  /** @param gone called once, just before `closed`. */
  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    handlers: SocketHandlers,
    limits: SocketLimits,
    clock: Clock,
    gone: (socket: LiveSocket) => void,
  ) {
    this.#handlers = handlers;
    this.#limits = limits;
    this.#clock = clock;
    this.#gone = gone;
    this.#socket = this.#dial(url, headers);
    if (this.#socket !== null) this.#listen(this.#socket);
  }

  send(text: string): void {
    const socket = this.#socket;
    if (socket === null || this.#closing || socket.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    if (socket.bufferedAmount > this.#limits.maxSendBytes)
      this.drop(`more than ${this.#limits.maxSendBytes} bytes wait to be sent`);
  }

  ping(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(): void {
    this.#closing = true;
    this.#socket?.close(NORMAL);
  }

  /** Breaks the connection at once. */
  drop(detail: string): void {
    this.#closing = true;
    this.#error ||= detail;
    this.#socket?.terminate();
  }

  #dial(url: string, headers: Readonly<Record<string, string>>): WebSocket | null {
    const options: ClientOptions & { closeTimeout: number } = {
      headers,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      autoPong: true,
      followRedirects: false,
      maxPayload: this.#limits.maxMessageBytes,
      handshakeTimeout: this.#limits.handshakeTimeoutMs,
      closeTimeout: this.#limits.closeTimeoutMs,
    };
    try {
      return new WebSocket(url, options);
    } catch (error) {
      // An address or header that cannot be: said as any other connection that fails.
      const detail = (error as Error).message;
      setImmediate(() => this.#end({ kind: "unreachable", code: 0, detail }));
      return null;
    }
  }

  #listen(socket: WebSocket): void {
    let opened = false;
    socket.on("open", () => {
      opened = true;
      if (!this.#closing) this.#handlers.opened(this.#clock.now());
    });
    socket.on("message", (data) => {
      // `binaryType` is left at its default, which is one Buffer per message.
      const bytes = data as Buffer;
      if (!this.#closing) this.#handlers.message(bytes, 0, bytes.length, this.#clock.now());
    });
    socket.on("ping", () => {
      if (!this.#closing) this.#handlers.pinged(this.#clock.now());
    });
    socket.on("unexpected-response", (request, response) => {
      const detail = refusalWords(response);
      // `ws` leaves both to whoever listens to this event.
      response.resume();
      request.destroy();
      socket.terminate();
      this.#end({ kind: "refused", code: response.statusCode ?? 0, detail });
    });
    socket.on("error", (error) => {
      this.#error ||= error.message;
    });
    socket.on("close", (code, reason) => {
      if (opened || this.#closing)
        this.#end({ kind: "closed", code, detail: this.#error || reason.toString() });
      else this.#end({ kind: "unreachable", code: 0, detail: this.#error });
    });
  }

  #end(end: SocketEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closing = true;
    this.#gone(this);
    this.#handlers.closed(end, this.#clock.now());
  }
}

function refusalWords(response: IncomingMessage): string {
  const retryAfter = response.headers["retry-after"];
  const words = `${response.statusCode} ${response.statusMessage}`;
  return retryAfter === undefined ? words : `${words}, retry after ${retryAfter}`;
}
