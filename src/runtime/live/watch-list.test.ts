import { describe, expect, it } from "vitest";
import { WatchList } from "./watch-list.ts";

const book = (symbol: string, weight: number, open = true) => ({ symbol, weight, open });

describe("the watch list", () => {
  it("watches the heaviest open books, and says who joined and left", () => {
    const list = new WatchList(2);
    list.listedBooks([book("a", 1), book("b", 3), book("c", 2), book("d", 9, false)]);
    expect(list.update()).toEqual({ added: ["b", "c"], removed: [] });
    expect(list.update()).toBeNull();
    list.listedBooks([book("b", 3, false)]);
    expect(list.update()).toEqual({ added: ["a"], removed: ["b"] });
    expect([...list.watched].sort()).toEqual(["a", "c"]);
    expect(list.listed).toBe(2);
  });

  it("does not move for weights alone", () => {
    const list = new WatchList(5);
    list.listedBooks([book("a", 1), book("b", 1)]);
    list.update();
    list.listedBooks([book("a", 7), book("z", 1, false)]);
    expect(list.update()).toBeNull();
    expect(list.weight("a")).toBe(7);
  });

  it("sheds the lightest when its bound falls, but nothing that is pinned, and takes them back", () => {
    const list = new WatchList(3);
    list.listedBooks([book("a", 1), book("b", 3), book("c", 2)]);
    list.update();
    list.pin("a");
    list.limit(2);
    expect(list.update()).toEqual({ added: [], removed: ["c"] });
    expect([...list.watched].sort()).toEqual(["a", "b"]);
    list.limit(3);
    expect(list.update()).toEqual({ added: ["c"], removed: [] });
  });
});
