import type { ConnectionHealth, OrderGateway, SessionEnv } from "../../../../src/contracts/index.ts";
import type { ClockSkew } from "../../../../src/venue-kit/clock-skew.ts";
import type { Scope } from "../../../../src/venue-kit/scope.ts";
import type { Directory } from "../directory.ts";
import type { Geoblock } from "../geoblock.ts";
import type { PolymarketOptions } from "../options.ts";
import type { Rest } from "../rest.ts";
import type { Credentials } from "../secrets.ts";
import { refreshTick } from "../tick-refresh.ts";
import { Account } from "./account.ts";
import { PolymarketGateway } from "./gateway.ts";
import { Heartbeats } from "./heartbeats.ts";
import { VersionInForce } from "./order-version.ts";
import { OrderWriter } from "./order-writer.ts";
import { UserStream } from "./user-stream.ts";

export interface TradingParts {
  readonly env: SessionEnv;
  readonly scope: Scope;
  readonly rest: Rest;
  readonly skew: ClockSkew;
  readonly directory: Directory;
  readonly geoblock: Geoblock;
  readonly options: PolymarketOptions;
  readonly credentials: Credentials;
}

/** Everything that needs a wallet: account, order version, gateway, user channel, beats. */
export class Trading {
  readonly #env: SessionEnv;
  readonly #account: Account;
  readonly #version: VersionInForce;
  readonly #gateway: PolymarketGateway;
  readonly #user: UserStream;
  readonly #heartbeats: Heartbeats;

  constructor(parts: TradingParts) {
    const { env, scope, rest, skew, options, credentials } = parts;
    const { wallet, funder, key } = credentials;
    this.#env = env;
    this.#account = new Account(env, rest, skew, wallet, options.chain, key);
    this.#version = new VersionInForce(env, rest);
    this.#heartbeats = new Heartbeats(env, scope, this.#account, options.heartbeatMs * 1_000);
    const { signatureType, chain, takerOrders: type } = options;
    const owner = () => this.#account.key?.apiKey ?? "";
    this.#gateway = new PolymarketGateway({
      ...parts,
      account: this.#account,
      version: this.#version,
      writer: new OrderWriter({ env, skew, wallet, funder, signatureType, chain, type, owner }),
      tradesAreTold: () => this.#user.isOpen,
      tickDoubted: (symbol) => refreshTick(env, rest, symbol),
    });
    this.#user = new UserStream(env, scope, `${env.hosts["ws"] ?? ""}/user`, () => this.#account.key, {
      order: (message) => this.#gateway.orderEvent(message),
      trade: (message) => this.#gateway.tradeEvent(message),
      opened: () => this.#gateway.reconcile(),
      refusedKey: (detail) => this.#refused(detail),
      ended: ({ kind, code, detail }) =>
        env.report.refused("feed.unreachable", `user channel ${kind} ${code} ${detail}`.trim()),
    });
  }

  get gateway(): OrderGateway {
    return this.#gateway;
  }

  get reconnects(): number {
    return this.#user.reconnects;
  }

  /** Opens the account; orders are taken once key and order version are known. */
  start(): void {
    this.#env.report.progress("auth", 0, 1);
    this.#account.open((failure, closedOnly) => {
      if (failure !== null) {
        this.#refused(failure.detail);
        return;
      }
      this.#gateway.closedOnly = closedOnly;
      if (closedOnly)
        this.#env.report.refused("order.auth", "the account is in closed-only mode: it may only sell");
      this.#user.start();
      this.#version.refresh((version) => {
        this.#gateway.barred = version === null ? "order.version" : null;
        if (version === null)
          this.#env.report.failed("auth", "the venue's order version is not one that is signed here");
        else {
          this.#heartbeats.start();
          this.#env.report.progress("auth", 1, 1);
        }
      });
    });
  }

  health(): ConnectionHealth {
    return this.#user.health();
  }

  /** `done` once the user channel is closed. */
  stop(done: () => void): void {
    this.#gateway.end();
    this.#user.stop(done);
  }

  #refused(detail: string): void {
    this.#gateway.barred = "order.auth";
    this.#env.report.refused("feed.auth", detail);
    this.#env.report.failed("auth", `${detail}; check the key, and that it belongs to the wallet`);
  }
}
