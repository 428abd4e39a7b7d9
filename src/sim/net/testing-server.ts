import type {
  EmbeddedServer,
  FaultAnswer,
  ServedAnswer,
  ServedPeer,
  ServedRequest,
  ServedSocket,
} from "../../contracts/index.ts";

/**
 * A server for tests of the transport. Requests are answered with what arrived; `/silent` never, `/large` with 100,000
 * bytes. Sockets say `hello` at once and echo; `ping`, `close`
 * and `break` are obeyed, `/refused` is refused.
 */
export class EchoServer implements EmbeddedServer {
  readonly requests: ServedRequest[] = [];
  readonly received: string[] = [];
  readonly peers = new Set<ServedPeer>();
  opened = 0;
  ended = 0;
  pongs = 0;
  closed = false;

  request(host: string, request: ServedRequest, reply: (answer: ServedAnswer) => void): void {
    this.requests.push(request);
    if (request.path.includes("/silent")) return;
    const { method, path, body, headers } = request;
    const large = path.includes("/large");
    const text = large
      ? "x".repeat(100_000)
      : JSON.stringify({ host, method, path, body, agent: headers["user-agent"] });
    reply({ status: 200, headers: { "content-type": "application/json", "x-host": host }, body: text });
  }

  socket(_host: string, request: ServedRequest, peer: ServedPeer): ServedSocket | ServedAnswer {
    if (request.path.includes("/refused"))
      return { status: 401, headers: { "retry-after": "7" }, body: "no key" };
    this.opened++;
    this.peers.add(peer);
    peer.send("hello");
    return {
      message: (text) => {
        this.received.push(text);
        if (text === "ping") peer.ping("heartbeat");
        else if (text === "close") peer.close(4000, "as asked");
        else if (text === "break") peer.close(1006, "");
        else peer.send(text);
      },
      pong: () => {
        this.pongs++;
      },
      closed: () => {
        this.ended++;
        this.peers.delete(peer);
      },
    };
  }

  faultAnswer(fault: FaultAnswer): ServedAnswer {
    return { status: STATUS[fault], headers: { "x-fault": fault }, body: fault };
  }

  close(): void {
    this.closed = true;
  }
}

const STATUS: Readonly<Record<FaultAnswer, number>> = {
  rate_limited: 429,
  rate_limited_retry_after: 429,
  cloudflare_html: 429,
  restarting: 425,
  forbidden: 403,
  unavailable: 503,
};
