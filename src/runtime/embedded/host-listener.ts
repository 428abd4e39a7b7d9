import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocketServer } from "ws";
import type { EmbeddedServer, ServedAnswer, ServedRequest } from "../../contracts/index.ts";
import { ServedLink } from "./served-link.ts";

/** Bounds of one host. */
export interface HostLimits {
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  readonly maxSockets: number;
  /** Bytes that may wait for a client that does not read; more and it is dropped, as venues do. */
  readonly maxBufferedBytes: number;
}

/** How long a client may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000;

const TOO_MANY: ServedAnswer = { status: 503, headers: {}, body: "too many connections" };

/** One host of an embedded server on one loopback port: all paths, requests and upgrades. */
export class HostListener {
  readonly #server: EmbeddedServer;
  readonly #host: string;
  readonly #limits: HostLimits;
  readonly #http: Server;
  readonly #upgrader: WebSocketServer;
  readonly #connections = new Set<Socket>();
  readonly #links = new Set<ServedLink>();
  #stopped: (() => void) | null = null;

  constructor(server: EmbeddedServer, host: string, limits: HostLimits) {
    this.#server = server;
    this.#host = host;
    this.#limits = limits;
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.maxMessageBytes,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.#upgrader = new WebSocketServer(options);
    this.#http = createServer((request, response) => this.#request(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on("connection", (socket) => {
      this.#connections.add(socket);
      socket.on("close", () => {
        this.#connections.delete(socket);
        this.#settle();
      });
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  get sockets(): number {
    return this.#links.size;
  }

  /** @returns the port it listens on, chosen by the system. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(0, "127.0.0.1", () => resolve((this.#http.address() as AddressInfo).port));
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#http.close(() => {
        this.#stopped = resolve;
        this.#settle();
      });
      for (const socket of this.#connections) socket.destroy();
    });
  }

  /** The listener closes before the last of its connections has said so. */
  #settle(): void {
    if (this.#connections.size === 0) this.#stopped?.();
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= this.#limits.maxBodyBytes) chunks.push(chunk);
      else if (!response.headersSent) refuse(response);
    });
    request.on("error", () => response.destroy());
    request.on("end", () => {
      if (response.headersSent) return;
      const served = servedRequest(request, Buffer.concat(chunks).toString());
      this.#server.request(this.#host, served, (answer) => send(response, answer));
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const link = new ServedLink(this.#limits.maxBufferedBytes);
    const full = this.#links.size >= this.#limits.maxSockets;
    const served = full ? TOO_MANY : this.#server.socket(this.#host, servedRequest(request, ""), link);
    if ("status" in served) {
      endUpgrade(socket, served);
      return;
    }
    this.#links.add(link);
    // Also when the handshake turns out to be none: the server has opened its end by now.
    socket.once("close", () => {
      this.#links.delete(link);
      link.ended();
    });
    link.serve(served);
    this.#upgrader.handleUpgrade(request, socket, head, (client) => link.open(client));
  }
}

function servedRequest(request: IncomingMessage, body: string): ServedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return { method: request.method ?? "GET", path: request.url ?? "/", headers, body };
}

/** Status 0 stands for no answer: the connection is dropped. */
function send(response: ServerResponse, answer: ServedAnswer): void {
  if (response.destroyed || response.headersSent) return;
  if (answer.status === 0) {
    response.destroy();
    return;
  }
  // The time of day is the venue's to state: its clock may be wrong on purpose.
  response.sendDate = false;
  response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

function refuse(response: ServerResponse): void {
  response.writeHead(413, { connection: "close" });
  response.end();
}

function endUpgrade(socket: Duplex, answer: ServedAnswer): void {
  if (answer.status === 0) {
    socket.destroy();
    return;
  }
  const headers = {
    ...answer.headers,
    connection: "close",
    "content-length": Buffer.byteLength(answer.body),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[answer.status] ?? "";
  socket.end(`HTTP/1.1 ${answer.status} ${reason}\r\n${lines.join("")}\r\n${answer.body}`);
}
