import type { Reason } from "../../src/contracts/index.ts";
import { readExact } from "./json.ts";

/**
 * Text packets of engine.io 4 that carry socket.io 5 packets, as the venue speaks them over one websocket:
 * `<engine type>[<socket type>/markets,[<ack id>]<JSON>]`. Sources: github.com/socketio/engine.io-protocol (v4) and
 * socket.io-protocol (v5); the namespace from the venue's SDK, websocket/client.ts.
 */
export const NAMESPACE = "/markets";

export const PING = "2";
export const PONG = "3";
export const CONNECT = `40${NAMESPACE},`;

/** Path of the websocket below the host. */
export const SOCKET_PATH = "/socket.io/?EIO=4&transport=websocket";

export type Packet =
  /** The transport is open; `body` is the handshake as JSON text. */
  | { readonly kind: "open"; readonly body: string }
  | { readonly kind: "ping" | "pong" | "close" | "noop" }
  /** The namespace was joined, or left by the server. */
  | { readonly kind: "connected" | "disconnected" }
  | { readonly kind: "refused"; readonly body: string }
  | { readonly kind: "event"; readonly name: string; readonly payload: unknown };

/** An event as a client sends it, and as the server does. */
export function eventPacket(name: string, payload: unknown): string {
  return `42${NAMESPACE},${JSON.stringify([name, payload])}`;
}

/** Reads one packet; numbers of a payload are kept as text. A string answer is why it is none. */
export function readPacket(text: string): Packet | Reason {
  switch (text[0]) {
    case "0":
      return text[1] === "{" ? { kind: "open", body: text.slice(1) } : "wire.unreadable";
    case "1":
      return alone(text, "close");
    case "2":
      return alone(text, "ping");
    case "3":
      return alone(text, "pong");
    case "4":
      return readMessage(text);
    case "6":
      return alone(text, "noop");
    default:
      return "wire.unreadable";
  }
}

function alone(text: string, kind: "ping" | "pong" | "close" | "noop"): Packet | Reason {
  return text.length === 1 ? { kind } : "wire.unreadable";
}

function readMessage(text: string): Packet | Reason {
  if (!text.startsWith(NAMESPACE, 2)) return "wire.unreadable";
  const after = 2 + NAMESPACE.length;
  // A packet without a body may leave the comma out.
  const body = text[after] === "," ? text.slice(after + 1) : text.length === after ? "" : null;
  if (body === null) return "wire.unreadable";
  switch (text[1]) {
    case "0":
      return { kind: "connected" };
    case "1":
      return { kind: "disconnected" };
    case "2":
      return readEvent(body);
    case "4":
      return { kind: "refused", body };
    default:
      return "wire.unknown_type";
  }
}

function readEvent(body: string): Packet | Reason {
  const read = readExact(body.replace(/^\d{1,15}(?=\[)/, ""));
  if (typeof read === "string") return read;
  const list: readonly unknown[] = Array.isArray(read.value) ? read.value : [];
  const [name, payload] = list;
  if (typeof name !== "string") return "wire.unreadable";
  return { kind: "event", name, payload };
}
