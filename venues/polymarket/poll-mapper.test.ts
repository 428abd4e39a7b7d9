import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  FLAG_FRAME_END,
  FLAG_HASH_OK,
  FLAG_POLL,
  type Micros,
  POLL_CONNECTION,
  reasonNumber,
} from "../../src/contracts/index.ts";
import { type MemoryEnv, memoryEnv } from "../../tests/memory-sink.ts";
import { bookHash } from "./hash.ts";
import { feeVersions, listingOf } from "./listing.ts";
import { PolymarketMapper } from "./mapper.ts";
import { PollAnswer } from "./poll-answer.ts";
import { SCALES } from "./scales.ts";

const YES = "111";
const NO = "222";
const MARKET = `0x${"ab".repeat(32)}`;
const AT = 1_778_480_000_000;
const ENCODER = new TextEncoder();

let env: MemoryEnv;
let mapper: PolymarketMapper;

beforeEach(() => {
  env = memoryEnv("polymarket", SCALES);
  mapper = new PolymarketMapper(env);
  env.symbols.describe(
    listingOf({
      venue: "polymarket",
      conditionId: MARKET,
      tokens: [YES, NO],
      title: "?",
      tickSize: "0.01",
      minSize: "5",
      fees: feeVersions({ enabled: false, schedule: null }, "test"),
      status: "open",
      opensAt: null,
      closesAt: null,
    }),
    AT as Micros,
  );
  env.sink.clear();
});

function book(token: string, ms = AT, extra: object = {}): Record<string, unknown> {
  const served = {
    market: MARKET,
    asset_id: token,
    timestamp: String(ms),
    hash: "",
    bids: [{ price: "0.4", size: "10" }],
    asks: [{ price: "0.5", size: "2.5" }],
    min_order_size: "5",
    tick_size: "0.01",
    neg_risk: false,
    last_trade_price: "",
    ...extra,
  };
  const text = (value: unknown): string => JSON.stringify(value);
  const hash = bookHash(
    {
      market: text(served.market),
      assetId: text(served.asset_id),
      timestamp: text(served.timestamp),
      bids: text(served.bids),
      asks: text(served.asks),
      minOrderSize: text(served.min_order_size),
      tickSize: text(served.tick_size),
      negRisk: text(served.neg_risk),
      lastTradePrice: text(served.last_trade_price),
    },
    "v2026",
  );
  return { ...served, hash };
}

function poll(body: unknown, connection = POLL_CONNECTION): string[] {
  env.sink.clear();
  const bytes = ENCODER.encode(typeof body === "string" ? body : JSON.stringify(body));
  mapper.frame(connection, AT * 1000, bytes, 0, bytes.length);
  return env.sink.records.map(({ kind, book: index, priceTicks, flags }) =>
    kind === "REJECT" || kind === "INVALID" ? `${kind} ${index} ${priceTicks}` : `${kind} ${index} ${flags}`,
  );
}

const rejected = (reason: Parameters<typeof reasonNumber>[0]): string => `REJECT -1 ${reasonNumber(reason)}`;

describe("poll answers", () => {
  it("are snapshots with the poll flag and a judged checksum, on a stream that is not judged", () => {
    expect(poll([book(YES)])).toEqual([
      `SNAPSHOT_BEGIN 0 ${FLAG_POLL}`,
      `SNAPSHOT_LEVEL 0 ${FLAG_POLL}`,
      `SNAPSHOT_LEVEL 0 ${FLAG_POLL}`,
      `SNAPSHOT_END 0 ${FLAG_POLL | FLAG_HASH_OK | FLAG_FRAME_END}`,
    ]);
    expect(env.sink.objects).toMatchObject([{ kind: "stream.opened", label: "poll#0", judged: false }]);
    expect(poll(book(YES, AT + 1)).length).toBe(4);
  });

  it("cost a book with a wrong checksum its validity, and drop one that is older than the last", () => {
    expect(poll([{ ...book(YES), hash: "x" }])).toEqual([`INVALID 0 ${reasonNumber("book.hash_mismatch")}`]);
    poll([book(YES, AT + 5)]);
    expect(poll([book(YES, AT)])).toEqual([`REJECT 0 ${reasonNumber("seq.reordered")}`]);
  });

  it("that are no books change nothing", () => {
    expect(poll({ error: "Too Many Requests" })).toEqual([rejected("wire.missing_field")]);
    expect(poll("<html>")).toEqual([rejected("wire.unreadable")]);
    expect(poll("[]")).toEqual([rejected("wire.no_content")]);
    expect(poll([{ ...book(YES), event_type: "tick_size_change" }])[0]).toMatch(/^REJECT/);
    expect(env.sink.records.every(({ kind }) => kind === "REJECT" || kind === "INVALID")).toBe(true);
  });

  it("cost only the book that cannot be read", () => {
    const bad = { ...book(YES), bids: [{ price: "2", size: "1" }] };
    const lines = poll([bad, book("333")]);
    expect(lines).toContain(`INVALID 0 ${reasonNumber("book.unreadable")}`);
    expect(lines).toContain(`SNAPSHOT_BEGIN 1 ${FLAG_POLL}`);
  });

  it("of the mirrored token are counted, not applied", () => {
    expect(poll([book(NO)])).toEqual([`REJECT 0 ${reasonNumber("wire.mirror")}`]);
  });

  it("beyond the bounds are refused", () => {
    const small = new PolymarketMapper({ ...env, maxFrameBytes: 10 });
    env.sink.clear();
    const bytes = ENCODER.encode(JSON.stringify([book(YES)]));
    small.frame(POLL_CONNECTION, AT * 1000, bytes, 0, bytes.length);
    expect(env.sink.records.map(({ priceTicks }) => priceTicks)).toEqual([reasonNumber("wire.too_large")]);
    for (let n = 1; n < 1_024; n++) poll("[]", POLL_CONNECTION + n);
    poll("[]", POLL_CONNECTION);
    expect(poll("[]", POLL_CONNECTION + 5_000)).toEqual([rejected("book.overflow")]);
  });

  it("end with their connection", () => {
    poll([book(YES)]);
    env.sink.clear();
    mapper.connection(POLL_CONNECTION, "lost", AT as Micros);
    expect(env.sink.records.map(({ kind }) => kind)).toEqual(["INVALID"]);
    expect(env.sink.objects).toMatchObject([{ kind: "stream.closed" }]);
    mapper.connection(POLL_CONNECTION, "opened", AT as Micros);
    expect(env.sink.objects.length).toBe(2);
  });
});

describe("the type put into answers", () => {
  it("leaves everything else as it was", () => {
    const text = fc.string({ unit: "binary" });
    const object = fc.dictionary(text, fc.oneof(text, fc.array(fc.dictionary(text, text), { maxLength: 2 })));
    const answer = new PollAnswer();
    fc.assert(
      fc.property(fc.oneof(object, fc.array(object, { maxLength: 3 })), fc.boolean(), (value, pretty) => {
        const bytes = ENCODER.encode(JSON.stringify(value, null, pretty ? 1 : undefined));
        answer.read(bytes, 0, bytes.length);
        const read: unknown = JSON.parse(new TextDecoder().decode(answer.bytes.subarray(0, answer.length)));
        const typed = (item: object): object => ({ event_type: "book", ...item });
        expect(read).toEqual(Array.isArray(value) ? value.map(typed) : typed(value));
      }),
    );
  });

  it("stays as it is where there is one", () => {
    const answer = new PollAnswer();
    const bytes = ENCODER.encode(' [{"event_type":"book"}]');
    answer.read(bytes, 1, bytes.length);
    expect(new TextDecoder().decode(answer.bytes.subarray(0, answer.length))).toBe('[{"event_type":"book"}]');
  });
});
