import type { EmbeddedModule } from "../../../src/contracts/index.ts";
import { newAccount } from "./account.ts";
import { listEvent } from "./list.ts";
import { KalshiServer } from "./server.ts";

/** Kalshi inside EMP: its listings, its REST interface (host `rest`) and its websocket (host `ws`). */
export const kalshiEmbedded: EmbeddedModule = {
  list: (spec, venue) => listEvent(spec, venue),
  account: newAccount,
  open: (env) => new KalshiServer(env),
};
