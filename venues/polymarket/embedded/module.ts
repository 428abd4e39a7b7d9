import { hash } from "node:crypto";
import type { EmbeddedModule } from "../../../src/contracts/index.ts";
import { listEvent } from "./list.ts";
import { PolymarketServer } from "./server.ts";

/** Polymarket inside EMP: how it lists a question, what an account is, and a server that speaks its wire. */
export const polymarketEmbedded: EmbeddedModule = {
  list: listEvent,
  account: accountOf,
  open: (env) => new PolymarketServer(env),
};

/** A wallet of its own; API keys are made with it. The same seed gives the same wallet. */
function accountOf(seed: string): Readonly<Record<string, string>> {
  return { POLYMARKET_PRIVATE_KEY: `0x${hash("sha256", `polymarket/account/${seed}`)}` };
}
