import type { Cancel } from "../../../src/contracts/index.ts";
import type { Scope } from "../../../src/venue-kit/scope.ts";
import type { UpdateAction } from "./commands.ts";

const ANSWER_MICROS = 10_000_000;

export type Action = "subscribe" | "unsubscribe" | UpdateAction;

export interface Command {
  readonly action: Action;
  readonly symbols: readonly string[];
  readonly expire: Cancel;
}

/** Commands of a subscription that wait for their answer, and the markets they move. */
export class PendingCommands {
  readonly #scope: Scope;
  readonly #expired: (action: Action) => void;
  readonly #commands = new Map<number, Command>();
  readonly #moving = new Set<string>();

  /** @param expired told of a command that had no answer in time; it is forgotten. */
  constructor(scope: Scope, expired: (action: Action) => void) {
    this.#scope = scope;
    this.#expired = expired;
  }

  get size(): number {
    return this.#commands.size;
  }

  /** A command that adds or removes the market is under way. */
  moves(symbol: string): boolean {
    return this.#moving.has(symbol);
  }

  add(id: number, action: Action, symbols: readonly string[]): void {
    const expire = this.#scope.after(ANSWER_MICROS, () => {
      if (this.take(id) !== undefined) this.#expired(action);
    });
    this.#commands.set(id, { action, symbols, expire });
    if (action !== "get_snapshot") for (const symbol of symbols) this.#moving.add(symbol);
  }

  /** Its answer came. */
  take(id: number): Command | undefined {
    const command = this.#commands.get(id);
    if (command === undefined) return undefined;
    this.#commands.delete(id);
    command.expire();
    if (command.action !== "get_snapshot") for (const symbol of command.symbols) this.#moving.delete(symbol);
    return command;
  }

  clear(): void {
    for (const { expire } of this.#commands.values()) expire();
    this.#commands.clear();
    this.#moving.clear();
  }
}
