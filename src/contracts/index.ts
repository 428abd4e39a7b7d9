/** The vocabulary. Plugin authors read this folder and nothing else. The only index file in the repository. */
export * from "./certificate.ts";
export * from "./command.ts";
export * from "./decimal.ts";
export * from "./decision.ts";
export * from "./embedded.ts";
export * from "./fact.ts";
export * from "./lane.ts";
export * from "./market.ts";
export * from "./market-state.ts";
export * from "./net.ts";
export * from "./opportunity.ts";
export * from "./ports.ts";
export * from "./reasons.ts";
export * from "./run.ts";
export * from "./session.ts";
export * from "./units.ts";
export * from "./venue.ts";
