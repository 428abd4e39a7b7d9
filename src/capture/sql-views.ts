import { join } from "node:path";
import { REASONS } from "../contracts/index.ts";
import { quote } from "./duck.ts";
import { PARQUET_FOLDER, type SegmentManifest } from "./manifest.ts";
import { KIND_NAME_SQL } from "./project.ts";

/** Prefix of the tables that hold the segments which are not in Parquet. */
export const OPEN_PREFIX = "open";

/** Money is decimal text of at most 12 places; as DECIMAL it can be summed exactly. */
const money = (path: string) => `json_extract_string(json, '${path}')::DECIMAL(38, 12)`;
const text = (path: string) => `json_extract_string(json, '${path}')`;
const whole = (path: string) => `json_extract_string(json, '${path}')::BIGINT`;
const time = (micros: string) => `make_timestamp(${micros})`;
const side = "CASE side WHEN 0 THEN 'bid' ELSE 'ask' END";

/** Statements that make the tables and views of `emp sql`, in order. */
export function viewStatements(dir: string, manifests: readonly SegmentManifest[]): string[] {
  const packedFiles = manifests.flatMap(({ packed }) => packed);
  const objectFiles = manifests.flatMap(({ objects }) => objects);
  return [
    reasonsTable(),
    `CREATE VIEW packed AS ${stored(dir, packedFiles)}
     SELECT *, ${KIND_NAME_SQL} AS kind, ${time("recv_at")}::DATE AS date FROM ${OPEN_PREFIX}_packed`,
    `CREATE VIEW objects AS SELECT seq, ${time("at_micros")} AS "at", type, version, kind, json FROM (
       ${stored(dir, objectFiles)}
       SELECT *, ${text("$.kind")} AS kind, ${time("at_micros")}::DATE AS date FROM ${OPEN_PREFIX}_objects)`,
    INSTRUMENTS,
    FACTS,
    QUARANTINES,
    DECISIONS,
    OPPORTUNITIES,
    COMMANDS,
    ORDERS,
    FILLS,
    REFUSALS,
  ];
}

/** The Parquet part of a union, with the partitions as columns; nothing where no segment is in Parquet. */
function stored(dir: string, files: readonly string[]): string {
  if (files.length === 0) return "";
  const list = files.map((file) => quote(join(dir, PARQUET_FOLDER, file))).join(", ");
  return `SELECT * FROM read_parquet([${list}], hive_partitioning = true,
    hive_types = {'kind': VARCHAR, 'date': DATE}) UNION ALL BY NAME `;
}

function reasonsTable(): string {
  const rows = Object.entries(REASONS).map(
    ([code, { number, text: meaning, next }]) =>
      `(${number}, ${quote(code)}, ${quote(meaning)}, ${quote(next)})`,
  );
  return `CREATE TABLE reasons AS SELECT * FROM (VALUES ${rows.join(", ")}) AS r(number, reason, meaning, next)`;
}

/** What is known last of each book. */
const INSTRUMENTS = `CREATE TABLE instruments AS
  SELECT book, arg_max(key, seq) AS instrument, arg_max(venue, seq) AS venue, arg_max(market, seq) AS market,
    arg_max(side, seq) AS side, arg_max(title, seq) AS title, arg_max(price_scale, seq) AS price_scale,
    arg_max(size_scale, seq) AS size_scale, arg_max(currency, seq) AS currency, arg_max(status, seq) AS status
  FROM (
    SELECT seq, ${whole("$.book")} AS book, ${text("$.key")} AS key, ${text("$.venue")} AS venue,
      ${text("$.market")} AS market, ${text("$.side")} AS side, ${text("$.title")} AS title,
      ${whole("$.priceScale")} AS price_scale, ${whole("$.sizeScale")} AS size_scale,
      ${text("$.currency")} AS currency, ${text("$.status")} AS status
    FROM (SELECT seq, unnest(json_extract(json, '$.instruments[*]')) AS json
          FROM objects WHERE kind = 'market.instruments'))
  GROUP BY book`;

/** Kinds whose word 2 is the number of a reason instead of a price. */
const HAS_REASON = "kind_number IN (9, 10)";

/** `price` is for reading; `price_ticks / price_scale` is exact. */
const FACTS = `CREATE VIEW facts AS
  SELECT seq, kind, ${time("recv_at")} AS recv_at, date, p.book, instrument, i.venue, ${side.replace("side", "p.side")} AS side,
    CASE WHEN ${HAS_REASON} THEN NULL ELSE price_ticks END AS price_ticks,
    CASE WHEN ${HAS_REASON} OR price_ticks < 0 THEN NULL ELSE price_ticks / price_scale END AS price,
    lots, stream,
    CASE WHEN venue_at > 0 THEN ${time("venue_at")} END AS venue_at, nullif(venue_seq, -1) AS venue_seq,
    (flags & 1) = 1 AS frame_end, (flags & 2) = 2 AS polled, r.reason, r.meaning
  FROM packed p LEFT JOIN instruments i ON i.book = p.book
    LEFT JOIN reasons r ON ${HAS_REASON} AND r.number = p.price_ticks
  WHERE kind_number < 64`;

/** The firewall's record: QUARANTINE, RELEASE, and REFUSAL of a fact. */
const QUARANTINES = `CREATE VIEW quarantines AS
  SELECT seq, ${time("recv_at")} AS "at", kind AS event, p.book, instrument, i.venue,
    ${side.replace("side", "p.side")} AS side, r.reason, r.meaning, r.next, venue_seq AS fact_seq
  FROM packed p LEFT JOIN instruments i ON i.book = p.book LEFT JOIN reasons r ON r.number = p.price_ticks
  WHERE kind_number >= 64`;

const DECISIONS = `CREATE VIEW decisions AS
  SELECT seq, "at", kind, coalesce(${text("$.id")}, ${text("$.row.id")}) AS id,
    coalesce(${text("$.lane")}, ${text("$.row.lane")}) AS lane,
    coalesce(${text("$.family")}, ${text("$.row.family")}) AS family,
    ${text("$.stage")} AS stage, ${text("$.reason")} AS reason, ${text("$.detail")} AS detail,
    ${money("$.guaranteed")} AS guaranteed, ${money("$.capital")} AS capital, json
  FROM objects WHERE type = 2`;

const OPPORTUNITIES = `CREATE VIEW opportunities AS
  SELECT seq, ${text("$.row.id")} AS id, ${text("$.row.lane")} AS lane, ${text("$.row.family")} AS family,
    ${text("$.row.familyTitle")} AS title, ${text("$.row.style")} AS style,
    json_extract(json, '$.row.venues') AS venues, ${whole("$.row.factSeq")} AS fact_seq,
    ${time(whole("$.row.foundAt"))} AS found_at, ${time(whole("$.row.closedAt"))} AS closed_at,
    ${whole("$.row.legCount")} AS legs, ${text("$.row.outcome")} AS outcome,
    ${text("$.row.refusalStage")} AS refusal_stage, ${text("$.row.refusal")} AS refusal,
    ${money("$.row.detected")} AS detected, ${money("$.row.certified")} AS certified,
    ${money("$.row.planned")} AS planned, ${money("$.row.expectedRealised")} AS expected_realised,
    ${money("$.row.simulatedRealised")} AS simulated_realised, ${money("$.row.capital")} AS capital,
    ${money("$.row.fees")} AS fees
  FROM objects WHERE kind = 'opportunity.closed'`;

/** Intents: what was about to be sent. */
const COMMANDS = `CREATE VIEW commands AS
  SELECT seq, "at", ${text("$.command.kind")} AS kind, ${text("$.command.venue")} AS venue,
    coalesce(${text("$.command.order.id")}, ${text("$.command.orderId")}) AS order_id,
    ${text("$.command.order.opportunity")} AS opportunity, ${whole("$.command.order.leg")} AS leg,
    ${whole("$.command.order.book")} AS book, ${text("$.command.order.action")} AS action,
    ${whole("$.command.order.lots")} AS lots, ${whole("$.command.order.limitTicks")} AS limit_ticks,
    ${text("$.command.order.purpose")} AS purpose
  FROM objects WHERE kind = 'command.issued'`;

const ORDERS = `CREATE VIEW orders AS
  SELECT o.seq, o."at", ${text("$.update.orderId")} AS order_id, ${text("$.update.state")} AS state,
    json_array_length(json, '$.update.fills') AS fills, ${text("$.update.reason")} AS reason, r.meaning
  FROM objects o LEFT JOIN reasons r ON r.reason = ${text("$.update.reason")}
  WHERE o.kind = 'order.update'`;

const FILLS = `CREATE VIEW fills AS
  SELECT f.seq, ${time("f.at_micros")} AS "at", f.order_id, f.exec_id, f.book, i.instrument, i.venue, f.action, f.lots,
    f.price_ticks, f.price_ticks / i.price_scale AS price, f.fee_pico
  FROM (
    SELECT seq, ${whole("$.at")} AS at_micros, ${text("$.orderId")} AS order_id, ${text("$.execId")} AS exec_id,
      ${whole("$.book")} AS book, ${text("$.action")} AS action, ${whole("$.lots")} AS lots,
      ${whole("$.priceTicks")} AS price_ticks, ${text("$.fee")}::DECIMAL(38, 0) AS fee_pico
    FROM (SELECT seq, unnest(json_extract(json, '$.update.fills[*]')) AS json
          FROM objects WHERE kind = 'order.update')) f
  LEFT JOIN instruments i ON i.book = f.book`;

/** Everything that did not go through, wherever it was stopped, with the reason in words. */
const REFUSALS = `CREATE VIEW refusals AS
  SELECT s.seq, s."at", s.what, s.id, s.stage, s.reason, r.meaning, r.next, s.detail FROM (
    SELECT seq, "at", 'opportunity' AS what, id, stage, reason, detail
    FROM decisions WHERE kind = 'opportunity.refused'
    UNION ALL
    SELECT seq, "at", 'order', order_id, state, reason, '' FROM orders WHERE reason IS NOT NULL
    UNION ALL
    SELECT seq, "at", CASE event WHEN 'REFUSAL' THEN 'fact' ELSE 'quote' END, coalesce(instrument, 'book ' || book), side, reason, 'fact ' || fact_seq
    FROM quarantines WHERE event <> 'RELEASE') s
  LEFT JOIN reasons r ON r.reason = s.reason`;
