import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStatusServer, type StatusPages, type StatusServer } from "./status-server.ts";

const HOST = "127.0.0.1";

const run = { ok: true, broken: false };
const pages: StatusPages = {
  metrics: async () => {
    if (run.broken) throw new Error("no metrics with secret-of-the-venue");
    return { type: "text/plain; version=0.0.4; charset=utf-8", text: "# HELP a b\n" };
  },
  health: () => ({ ok: run.ok, reasons: run.ok ? [] : [{ code: "halted" }] }),
  status: () => {
    if (run.broken) throw new Error("no status");
    return { ä: 1 };
  },
};

let server: StatusServer;
beforeEach(async () => {
  Object.assign(run, { ok: true, broken: false });
  server = await openStatusServer(HOST, 0, pages);
});
afterEach(() => server.close());

const url = (path: string): string => `http://${HOST}:${server.port}${path}`;

/** Bytes sent as they are; resolves with all that came back, once the server ended the connection. */
async function raw(text: string, port = server.port): Promise<string> {
  const socket = connect(port, HOST);
  let all = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return all;
}

describe("the pages", () => {
  it("serves metrics as the type they have", async () => {
    const answer = await fetch(url("/metrics"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await answer.text()).toBe("# HELP a b\n");
  });

  it("answers 200 while healthy and 503 with the reasons while not", async () => {
    expect((await fetch(url("/health"))).status).toBe(200);
    run.ok = false;
    const answer = await fetch(url("/health"));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ok: false, reasons: [{ code: "halted" }] });
  });

  it("serves the status as JSON, with its length in bytes, and lets nobody keep it", async () => {
    const answer = await fetch(url("/status?pretty=1"));
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ ä: 1 });
  });

  it.each(["/", "/metrics/", "/healthz", "/status/../etc", "//metrics", "/%6detrics"])(
    "knows nothing at %s",
    async (path) => {
      const sent = request({ host: HOST, port: server.port, path });
      sent.end();
      const [answer] = await once(sent, "response");
      expect(answer.statusCode).toBe(404);
      answer.resume();
    },
  );

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])("refuses %s everywhere", async (method) => {
    for (const path of ["/metrics", "/health", "/status", "/nothing"]) {
      const answer = await fetch(url(path), { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("GET");
    }
  });

  it("does not read a body, and ends the connection that sends one", async () => {
    const answer = await fetch(url("/status"), { method: "POST", body: "x".repeat(100_000) });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("connection")).toBe("close");
  });

  it("answers 500 without a word of why when a page cannot be made, and goes on", async () => {
    run.broken = true;
    const metrics = await fetch(url("/metrics"));
    expect(metrics.status).toBe(500);
    expect(await metrics.text()).not.toContain("secret");
    expect((await fetch(url("/status"))).status).toBe(500);
    run.broken = false;
    expect((await fetch(url("/metrics"))).status).toBe(200);
  });
});

describe("its bounds", () => {
  it("refuses headers beyond the limit and what is no HTTP", async () => {
    expect(await raw(`GET /health HTTP/1.1\r\nhost: x\r\nfiller: ${"y".repeat(9_000)}\r\n\r\n`)).toContain(
      "431",
    );
    expect(await raw("hello\r\n\r\n")).toContain("400");
  });

  it("drops connections beyond the limit, and takes new ones when some have gone", async () => {
    const sockets: Socket[] = [];
    let dropped = 0;
    for (let i = 0; i < 20; i++) {
      const socket = connect(server.port, HOST);
      socket.on("error", () => {}).on("close", () => dropped++);
      sockets.push(socket);
      await once(socket, "connect");
    }
    const settled = Promise.all(sockets.slice(16).map((socket) => socket.closed || once(socket, "close")));
    await settled;
    expect(dropped).toBe(4);
    await Promise.all(
      sockets.slice(0, 16).map((socket) => {
        socket.destroy();
        return once(socket, "close");
      }),
    );
    await expect.poll(async () => (await fetch(url("/health")).catch(() => null))?.status).toBe(200);
  });

  it("cuts off who does not finish a request", async () => {
    const hasty = await openStatusServer(HOST, 0, pages, 50);
    expect(await raw("GET /health HTTP/1.1\r\nhost: x\r\n", hasty.port)).toContain("408");
    await hasty.close();
  });

  it("closes with open and idle connections, and frees the port", async () => {
    const socket = connect(server.port, HOST);
    await once(socket, "connect");
    await fetch(url("/health"));
    const ended = once(
      socket.on("error", () => {}),
      "close",
    );
    await server.close();
    await ended;
    const again = await openStatusServer(HOST, server.port, pages);
    expect(again.port).toBe(server.port);
    await again.close();
  });

  it("says that a port is taken", async () => {
    await expect(openStatusServer(HOST, server.port, pages)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
