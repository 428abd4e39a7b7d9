import type { EmbeddedModule } from "../../../src/contracts/index.ts";
import { listEvent } from "./list.ts";
import { LimitlessServer } from "./server.ts";

/** Limitless inside EMP. Its public interface needs no account. */
export const limitlessEmbedded: EmbeddedModule = {
  list: listEvent,
  account: () => ({}),
  open: (env) => new LimitlessServer(env),
  // engine.io's ping and pong.
  isHeartbeat: (text) => text === "2" || text === "3",
};
