import type { Net, NetSocket, SocketHandlers } from "../../contracts/index.ts";

/** Remembers which socket carries which connection of a session, so that a watchdog can end it. */
export class SocketBook {
  readonly #net: Net;
  readonly #sockets = new Map<number, NetSocket>();
  /** The socket whose opening is being told: the connection that the session names now is on it. */
  #opening: NetSocket | null = null;

  constructor(net: Net) {
    this.#net = net;
  }

  connect(url: string, headers: Readonly<Record<string, string>>, handlers: SocketHandlers): NetSocket {
    const socket: NetSocket = this.#net.connect(url, headers, {
      message: (bytes, start, end, at) => handlers.message(bytes, start, end, at),
      pinged: (at) => handlers.pinged(at),
      closed: (end, at) => handlers.closed(end, at),
      opened: (at) => {
        this.#opening = socket;
        handlers.opened(at);
        this.#opening = null;
      },
    });
    return socket;
  }

  /** The session says that a connection was opened or lost. */
  connection(connection: number, state: "opened" | "lost"): void {
    if (state === "lost") this.#sockets.delete(connection);
    else if (this.#opening !== null) this.#sockets.set(connection, this.#opening);
  }

  /** Ends the socket of a connection; the session sees it closed and opens another. */
  close(connection: number): void {
    this.#sockets.get(connection)?.close();
  }
}
