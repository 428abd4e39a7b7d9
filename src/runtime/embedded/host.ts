import type { EmbeddedServer } from "../../contracts/index.ts";
import { type HostLimits, HostListener } from "./host-listener.ts";

const DEFAULT_LIMITS: HostLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxMessageBytes: 4 * 1024 * 1024,
  maxSockets: 1_000,
  maxBufferedBytes: 64 * 1024 * 1024,
};

export interface EmbeddedHostOptions {
  readonly server: EmbeddedServer;
  /** Live base URLs by host name. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly limits?: Partial<HostLimits>;
}

/** An embedded server on real sockets: every host on a port of its own on 127.0.0.1. */
export class EmbeddedHost {
  readonly #server: EmbeddedServer;
  readonly #hosts: Readonly<Record<string, string>>;
  readonly #limits: HostLimits;
  readonly #listeners: HostListener[] = [];
  #stopped: Promise<void> | null = null;

  constructor(options: EmbeddedHostOptions) {
    this.#server = options.server;
    this.#hosts = options.hosts;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /**
   * Listens; called once.
   * @returns base URLs by host name: the live ones with another origin (`http`, `ws` where the live one is a socket's).
   */
  async start(): Promise<Readonly<Record<string, string>>> {
    const bases: Record<string, string> = {};
    for (const [name, liveUrl] of Object.entries(this.#hosts)) {
      const live = new URL(liveUrl);
      const listener = new HostListener(this.#server, name, this.#limits);
      this.#listeners.push(listener);
      const port = await listener.listen();
      const scheme = live.protocol.startsWith("ws") ? "ws" : "http";
      const path = live.pathname === "/" ? "" : live.pathname;
      bases[name] = `${scheme}://127.0.0.1:${port}${path}`;
    }
    return bases;
  }

  /** Connections and sockets that are open now, for leak checks. */
  open(): { readonly connections: number; readonly sockets: number } {
    let connections = 0;
    let sockets = 0;
    for (const listener of this.#listeners) {
      connections += listener.connections;
      sockets += listener.sockets;
    }
    return { connections, sockets };
  }

  /** Closes the server, then drops every connection; resolves once nothing is open. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#server.close();
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
  }
}
