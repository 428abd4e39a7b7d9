import { parentPort, workerData } from "node:worker_threads";

/** A lane's thread that misbehaves, for tests: the lane's name says how. */
const { lane } = workerData as { readonly lane: string };
const kept: number[][] = [];

parentPort?.on("message", () => {
  if (lane === "throws") throw new Error("planted");
  if (lane === "leaks") for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  // "hangs": busy for ever, deaf to everything but its end.
  for (;;);
});
