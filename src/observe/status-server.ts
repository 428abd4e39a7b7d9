import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A scraper, a health check and a person with curl: more connections than this are dropped. */
const MAX_CONNECTIONS = 16;
const MAX_HEADER_BYTES = 8 * 1024;
/** A client that has not sent its request, or not read its answer, by then is cut off. */
const PATIENCE_MS = 5_000;
const JSON_TYPE = "application/json; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";

/** What the server shows. Each is made anew for every request; one that throws is answered with 500. */
export interface StatusPages {
  /** Prometheus text and its content type. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
  /** Answered with 200 when `ok`, else with 503. */
  health(): { readonly ok: boolean };
  status(): unknown;
}

export interface StatusServer {
  /** The port that it really listens on. */
  readonly port: number;
  /** Drops every connection; resolves once nothing is open. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, `/health` and `/status`, read-only: any other method is 405, any other path 404.
 * @param port 0 = any free one.
 * @param patienceMs what a client may take to send its request, half of what it may take to read the answer.
 * @throws the system's error when the address cannot be listened on.
 */
export async function openStatusServer(
  host: string,
  port: number,
  pages: StatusPages,
  patienceMs = PATIENCE_MS,
): Promise<StatusServer> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: patienceMs / 5,
    },
    (request, response) => void answer(request, response, pages),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(2 * patienceMs);
  await listening(server, host, port);
  // A socket that cannot be accepted is the client's trouble, never the run's.
  server.on("error", () => {});
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closed(server),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: StatusPages): Promise<void> {
  // A body is not wanted and not read: the connection ends with the answer.
  if (
    request.headers["transfer-encoding"] !== undefined ||
    Number(request.headers["content-length"] ?? 0) > 0
  )
    response.setHeader("connection", "close");
  if (request.method !== "GET") {
    response.setHeader("allow", "GET");
    send(response, 405, TEXT_TYPE, "method not allowed\n");
    return;
  }
  try {
    await page(request.url?.split("?")[0] ?? "", response, pages);
  } catch {
    if (!response.headersSent) send(response, 500, TEXT_TYPE, "the page could not be made\n");
    else response.destroy();
  }
}

async function page(path: string, response: ServerResponse, pages: StatusPages): Promise<void> {
  switch (path) {
    case "/metrics": {
      const { type, text } = await pages.metrics();
      send(response, 200, type, text);
      return;
    }
    case "/health": {
      const health = pages.health();
      send(response, health.ok ? 200 : 503, JSON_TYPE, json(health));
      return;
    }
    case "/status":
      send(response, 200, JSON_TYPE, json(pages.status()));
      return;
    default:
      send(response, 404, TEXT_TYPE, "not found: /metrics, /health and /status are here\n");
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
