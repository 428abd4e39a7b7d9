import type { BookSide, LegAction, Side } from "../src/contracts/index.ts";

/** Side of a book that an action takes, written apart from the product's own: 0 = bids, 1 = asks. */
export function takenSide(bookSide: BookSide, action: LegAction): Side {
  const buys = action.startsWith("buy");
  const isYes = action.endsWith("yes");
  return (bookSide === "unified" ? isYes === buys : buys) ? 1 : 0;
}
