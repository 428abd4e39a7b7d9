/** A query with a name, for `emp sql`. */
export interface NamedQuery {
  readonly about: string;
  readonly sql: string;
}

/** The side of the book a leg takes: buying NO on a unified book takes the YES bids. */
const LEG_SIDE = `CASE WHEN i.side = 'unified'
    THEN CASE WHEN l.action IN ('buy_yes', 'sell_no') THEN 'ask' ELSE 'bid' END
    ELSE CASE WHEN l.action IN ('buy_yes', 'buy_no') THEN 'ask' ELSE 'bid' END END`;

export const namedQueries = {
  "barred-trades": {
    about: "audit: approved plans whose leg rested on a quote that was in quarantine; must be empty",
    sql: `WITH legs AS (
        SELECT seq, id, unnest(from_json(json_extract(json, '$.legs'),
          '[{"book":"BIGINT","action":"VARCHAR","lots":"BIGINT","limitTicks":"BIGINT"}]')) AS l
        FROM decisions WHERE kind = 'plan.approved'),
      taken AS (
        SELECT legs.seq, legs.id, l.book AS book, i.instrument, l.action AS action, ${LEG_SIDE} AS side
        FROM legs LEFT JOIN instruments i ON i.book = l.book),
      standing AS (SELECT seq, book, side, event, reason, meaning, fact_seq
        FROM quarantines WHERE event IN ('QUARANTINE', 'RELEASE'))
      SELECT t.seq AS plan_seq, t.id, t.instrument, t.action, t.side, s.reason, s.meaning,
        s.seq AS quarantine_seq, s.fact_seq
      FROM taken t ASOF JOIN standing s ON t.book = s.book AND t.side = s.side AND t.seq > s.seq
      WHERE s.event = 'QUARANTINE' ORDER BY t.seq`,
  },
  "why-not": {
    about: "everything that did not go through, newest first, with its reason in words",
    sql: "SELECT * FROM refusals ORDER BY seq DESC LIMIT 200",
  },
  "refusal-counts": {
    about: "how often each reason stopped something",
    sql: `SELECT what, reason, meaning, count(*) AS times, min("at") AS first, max("at") AS last
      FROM refusals GROUP BY ALL ORDER BY times DESC, reason`,
  },
  funnel: {
    about: "opportunities by lane and outcome, with their money",
    sql: `SELECT lane, outcome, count(*) AS opportunities, sum(detected) AS detected, sum(certified) AS certified,
        sum(planned) AS planned, sum(simulated_realised) AS simulated_realised
      FROM opportunities GROUP BY ALL ORDER BY lane, outcome`,
  },
  quarantines: {
    about: "quarantines by venue, instrument and reason",
    sql: `SELECT venue, instrument, side, reason, meaning, count(*) AS times
      FROM quarantines WHERE event = 'QUARANTINE' GROUP BY ALL ORDER BY times DESC, instrument, side LIMIT 200`,
  },
  rates: {
    about: "facts by kind, venue and minute",
    sql: `SELECT date_trunc('minute', recv_at) AS minute, venue, kind, count(*) AS facts
      FROM facts GROUP BY ALL ORDER BY minute, venue, kind LIMIT 2000`,
  },
} as const satisfies Readonly<Record<string, NamedQuery>>;
