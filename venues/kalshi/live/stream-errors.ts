/** What helps after an error of the websocket. */
export const Remedy = {
  /** The key is refused: trying again does not help. */
  stop: 0,
  /** The subscription is over and must be made anew. */
  subscribeAgain: 1,
  /** No more markets fit: the rest is polled. */
  pollInstead: 2,
  /** The channel is not served. */
  channel: 3,
  /** Later, and more slowly. */
  slowDown: 4,
  /** Something in the command is not accepted: try with less of it. */
  narrow: 5,
} as const;
export type Remedy = (typeof Remedy)[keyof typeof Remedy];

/** By code. Source: error table of the venue's asyncapi document. */
const REMEDIES: ReadonlyMap<number, Remedy> = new Map([
  [1, Remedy.slowDown],
  [3, Remedy.channel],
  [4, Remedy.subscribeAgain],
  [7, Remedy.subscribeAgain],
  [8, Remedy.channel],
  [9, Remedy.stop],
  [10, Remedy.subscribeAgain],
  [18, Remedy.slowDown],
  [25, Remedy.subscribeAgain],
  [26, Remedy.pollInstead],
  [27, Remedy.slowDown],
]);

/** The codes about parameters (2, 5, 11 to 15, 19 to 24, 28) and unknown ones: the command is made smaller. */
export function remedyOf(code: number): Remedy {
  return REMEDIES.get(code) ?? Remedy.narrow;
}
