import { once } from "node:events";
import { connect as dial } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { EchoServer } from "../../sim/net/testing-server.ts";
import { EmbeddedHost } from "./host.ts";

const HOSTS = {
  rest: "https://api.example.com/v2",
  gamma: "https://gamma.example.com",
  stream: "wss://ws.example.com/feed",
};
const LIMITS = { maxBodyBytes: 1_000, maxSockets: 2, maxBufferedBytes: 1_000_000 };

let server: EchoServer;
let host: EmbeddedHost;
let bases: Readonly<Record<string, string>>;

beforeEach(async () => {
  server = new EchoServer();
  host = new EmbeddedHost({ server, hosts: HOSTS, limits: LIMITS });
  bases = await host.start();
});

afterEach(async () => {
  await host.stop();
  expect(host.open()).toEqual({ connections: 0, sockets: 0 });
  expect(server.opened).toBe(server.ended);
});

function port(name: string): number {
  return Number(new URL(bases[name]!).port);
}

/** Writes `text` to a host as it is. @returns everything it answered until it closed the connection. */
async function raw(name: string, text: string): Promise<string> {
  const socket = dial(port(name), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return answer;
}

describe("EmbeddedHost", () => {
  it("serves every host on a port of its own, below the live path", () => {
    expect(Object.keys(bases)).toEqual(["rest", "gamma", "stream"]);
    expect(bases["rest"]).toBe(`http://127.0.0.1:${port("rest")}/v2`);
    expect(bases["gamma"]).toBe(`http://127.0.0.1:${port("gamma")}`);
    expect(bases["stream"]).toBe(`ws://127.0.0.1:${port("stream")}/feed`);
    expect(new Set(["rest", "gamma", "stream"].map(port)).size).toBe(3);
  });

  it("answers a body beyond its bound with 413 and does not pass it on", async () => {
    const body = "x".repeat(5_000);
    const answer = await raw(
      "rest",
      `POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(server.requests).toEqual([]);
  });

  it("refuses sockets beyond its bound, and an upgrade that is none", async () => {
    const first = new WebSocket(bases["stream"]!);
    const second = new WebSocket(bases["stream"]!);
    await Promise.all([once(first, "open"), once(second, "open")]);
    const third = new WebSocket(bases["stream"]!);
    third.on("error", () => {});
    const [, response] = await once(third, "unexpected-response");
    expect(response.statusCode).toBe(503);
    third.terminate();
    first.terminate();
    await once(first, "close");
    const upgrade = "GET /feed HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    second.terminate();
    await settled(() => server.ended === 2);
    expect(await raw("stream", upgrade)).toMatch(/^HTTP\/1.1 400 /);
    await settled(() => server.ended === server.opened);
  });

  it("drops a client that does not read", async () => {
    const client = new WebSocket(bases["stream"]!);
    await once(client, "open");
    client.pause();
    for (let i = 0; i < 200 && server.ended === 0; i++) {
      for (const peer of server.peers) peer.send("x".repeat(1_000_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled(() => server.ended === 1);
    client.terminate();
  });

  it("forgets a request whose client has gone, and answers the next", async () => {
    const socket = dial(port("rest"), "127.0.0.1");
    socket.write("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
    await settled(() => server.requests.length === 1);
    socket.destroy();
    await settled(() => host.open().connections === 0);
    expect(await raw("rest", "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1.1 200 /,
    );
  });

  it("stops at once with open sockets and requests, and again without harm", async () => {
    const client = new WebSocket(bases["stream"]!);
    await once(client, "open");
    const request = raw("rest", "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
    await settled(() => server.requests.length === 1);
    await Promise.all([host.stop(), host.stop(), once(client, "close")]);
    expect([await request, server.closed, server.ended]).toEqual(["", true, 1]);
  });
});

async function settled(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
