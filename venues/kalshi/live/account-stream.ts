import type { SessionEnv, SocketEnd } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import { readControl } from "./control-frames.ts";
import { Link } from "./link.ts";
import { SideChannel } from "./side-channel.ts";
import type { Carrier } from "./subscription.ts";

export interface AccountEvents {
  /** A frame of the account's own channels: `fill` or `user_order`. */
  message(type: string, msg: unknown): void;
  /** The channels are carried from now on: what happened before is asked for. */
  opened(): void;
  again(end: SocketEnd, opened: boolean): boolean;
  unauthorised(detail: string): void;
}

/** The connection of the account's own channels. Nothing of it goes to the market feed. */
export class AccountStream implements Carrier {
  readonly #link: Link;
  readonly #channels: readonly SideChannel[];
  readonly #events: AccountEvents;
  #commands = 0;

  constructor(
    env: SessionEnv,
    scope: Scope,
    url: string,
    headers: () => Readonly<Record<string, string>>,
    events: AccountEvents,
  ) {
    this.#events = events;
    this.#channels = ["fill", "user_orders"].map((channel) => new SideChannel(env, scope, this, channel));
    this.#link = new Link(env, scope, url, headers, {
      opened: () => {
        for (const channel of this.#channels) channel.subscribe();
      },
      message: (bytes, start, end) => this.#message(bytes, start, end),
      lost: () => {
        for (const channel of this.#channels) channel.lost();
      },
      again: (end, opened) => events.again(end, opened),
    });
  }

  get open(): boolean {
    return this.#link.open;
  }

  /** True while fills are told as they happen. */
  get live(): boolean {
    return this.#link.open && this.#channels.every(({ on }) => on);
  }

  start(): void {
    this.#link.start();
  }

  stop(done: () => void): void {
    this.#link.stop(done);
  }

  send(text: string): void {
    this.#link.send(text);
  }

  nextId(): number {
    return ++this.#commands;
  }

  drop(detail: string): void {
    this.#link.drop(detail);
  }

  unauthorised(detail: string): void {
    this.#events.unauthorised(detail);
  }

  #message(bytes: Uint8Array, start: number, end: number): void {
    const control = readControl(bytes, start, end);
    if (control === null) return;
    if (control.kind === "private") {
      this.#events.message(control.type, control.msg);
      return;
    }
    const wasLive = this.live;
    for (const channel of this.#channels) if (channel.answer(control)) break;
    if (!wasLive && this.live) this.#events.opened();
  }
}
