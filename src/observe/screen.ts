import { justified, type Line, lengthOf, paint, type Segment, type Style } from "./screen-line.ts";
import type { Count, ScreenLane, ScreenOpportunity, ScreenState, ScreenVenue } from "./screen-state.ts";
import {
  clockText,
  countText,
  cut,
  durationText,
  gainText,
  instantText,
  moneyText,
  rateText,
  safeText,
} from "./text.ts";

const LABEL = 11;
const BAR = 20;
/** Below this width columns that explain are left out. */
const WIDE = 84;
const MIN_WIDTH = 20;
/** Characters of an opportunity's row apart from its name, with room for the longest common verdict. */
const ROW_REST = 71;

/**
 * The live view as text: at most `height` lines of at most `width` characters. Pure.
 * On a small terminal the list of opportunities shrinks first, then lanes, then venues.
 */
export function renderScreen(state: ScreenState, width: number, height: number, colour: boolean): string {
  const columns = Math.max(MIN_WIDTH, width);
  const blocks = layout(state, columns, Math.max(1, height));
  return blocks.map((line) => paint(line, columns, colour)).join("\n");
}

/** One line that says the most important, for output that is no terminal. */
export function renderSummary(state: ScreenState): string {
  const { books, rates, funnel, money, health } = state;
  return [
    state.marketAt === null ? clockText(state.uptimeMs) : instantText(state.marketAt),
    `books ${books.valid}/${books.listed} valid, ${books.quarantined} quarantined`,
    `${rateText(rates.framesPerSecond)} frames/s`,
    `${countText(rates.facts)} facts`,
    `opportunities ${funnel.detected} detected, ${funnel.approved} approved, ${funnel.filled} filled`,
    `equity ${moneyText(money.equity)} (${gainText(money.equity, money.startCash)}) ${safeText(money.currency)}`,
    `${health.level}: ${safeText(health.text)}`,
  ].join(" | ");
}

function layout(state: ScreenState, width: number, height: number): readonly Line[] {
  const head = [...header(state, width), ...markets(state, width)];
  const foot = [...money(state, width), health(state)];
  const venues = venueTable(state.venues, width);
  const lanes = laneTable(state.lanes, width);
  const title = opportunityTitle(state, width);
  let rows = state.opportunities.map((row) => opportunityRow(row, width));
  if (rows.length === 0) rows = [[["none yet", "dim"]]];

  const fixed = head.length + foot.length;
  const spare = height - fixed - venues.length - lanes.length - 1;
  const blank: readonly Line[] = spare >= 8 ? [[]] : [];
  const room = spare - 4 * blank.length;
  if (room >= 1) {
    const shown = [title, ...rows.slice(0, room)];
    return [...head, ...blank, ...venues, ...blank, ...lanes, ...blank, ...shown, ...blank, ...foot];
  }
  const small = [...head, ...foot];
  if (small.length >= height) return small.slice(0, height);
  const middle = [...venues, ...lanes, title].slice(0, height - small.length);
  return [...head, ...middle, ...foot];
}

function header(state: ScreenState, width: number): readonly Line[] {
  const left: Line = [
    ["EMP ", "title"],
    [safeText(state.profile), "bold"],
    [`  ${safeText(state.mode)}`, "plain"],
    [`  profile ${state.profileHash.slice(0, 8)}`, "dim"],
  ];
  const speed = state.speed === null ? "" : state.speed === 0 ? "  full speed" : `  x${state.speed}`;
  const right: Line = [[`up ${clockText(state.uptimeMs)}`, "plain"]];
  const market =
    state.marketAt === null ? "no market time yet" : `${instantText(state.marketAt)} UTC${speed}`;
  return [
    justified(left, right, width),
    justified([[`journal ${safeText(state.journal)}`, "dim"]], [[market, "plain"]], width),
    [["─".repeat(width), "dim"]],
  ];
}

function markets(state: ScreenState, width: number): readonly Line[] {
  const { listed, valid, quarantined, reasons } = state.books;
  const share = listed === 0 ? 0 : Math.round((valid * BAR) / listed);
  const books: Segment[] = [
    label("books"),
    [`${countText(valid)}/${countText(listed)} valid `, "plain"],
    ...(width >= WIDE ? bar(share) : []),
    [`  ${countText(quarantined)} quarantined`, quarantined > 0 ? "warn" : "plain"],
  ];
  books.push([`  ${countsWithin(reasons, width - lengthOf(books) - 2)}`, "dim"]);
  const { rates, decision } = state;
  const flow: Segment[] = [
    label("flow"),
    [`${rateText(rates.framesPerSecond)} frames/s  ${rateText(rates.factsPerSecond)} facts/s`, "plain"],
  ];
  if (width >= WIDE)
    flow.push([`  ${countText(rates.frames)} frames, ${countText(rates.facts)} facts`, "dim"]);
  if (decision !== null && width >= WIDE)
    flow.push([
      `  judged in ${durationText(decision.p50Micros)}, p99 ${durationText(decision.p99Micros)}`,
      "dim",
    ]);
  return [books, flow];
}

function venueTable(venues: readonly ScreenVenue[], width: number): readonly Line[] {
  const wide = width >= WIDE;
  const titles = `${"venue".padEnd(LABEL)}${"status".padEnd(10)}${"valid".padStart(11)}${"frames/s".padStart(10)}${"rejects".padStart(9)}${"gaps".padStart(6)}`;
  const head: Line = [[wide ? `${titles}${"delay p50".padStart(12)}${"p99".padStart(10)}` : titles, "dim"]];
  const rows = venues.map((venue): Line => {
    const delay = venue.delay;
    const p50 = delay === null ? "-" : durationText(delay.p50Micros);
    const p99 = delay === null ? "-" : durationText(delay.p99Micros);
    return [
      [cut(safeText(venue.id), LABEL - 1).padEnd(LABEL), "bold"],
      [venue.status.padEnd(10), venue.status === "up" ? "good" : venue.status === "down" ? "bad" : "warn"],
      [`${countText(venue.valid)}/${countText(venue.books)}`.padStart(11), "plain"],
      [rateText(venue.framesPerSecond).padStart(10), "plain"],
      [countText(venue.rejects).padStart(9), venue.rejects > 0 ? "warn" : "plain"],
      [countText(venue.gaps).padStart(6), venue.gaps > 0 ? "warn" : "plain"],
      [wide ? `${p50.padStart(12)}${p99.padStart(10)}` : "", "dim"],
    ];
  });
  return [head, ...rows];
}

function laneTable(lanes: readonly ScreenLane[], width: number): readonly Line[] {
  const titles = `${"lane".padEnd(LABEL)}${"families".padStart(8)}${"findings".padStart(10)}`;
  const head: Line = [[width >= WIDE ? `${titles}   last answer by family` : titles, "dim"]];
  const rows = lanes.map(
    (lane): Line => [
      [cut(safeText(lane.id), LABEL - 1).padEnd(LABEL), "bold"],
      [countText(lane.families).padStart(8), "plain"],
      [countText(lane.findings).padStart(10), lane.findings > 0 ? "accent" : "plain"],
      [`   ${countsWithin(lane.diagnoses, width - LABEL - 21)}`, "dim"],
    ],
  );
  return [head, ...rows];
}

function opportunityTitle(state: ScreenState, width: number): Line {
  const { detected, refused, approved, filled, partial, missed } = state.funnel;
  return [
    [width >= WIDE ? "opportunities  " : "", "dim"],
    [`${countText(detected)} detected`, "plain"],
    [width >= WIDE ? `  ${countText(refused)} refused` : "", "dim"],
    [`  ${countText(approved)} approved  `, "plain"],
    [`${countText(filled)} filled`, filled > 0 ? "good" : "plain"],
    [`  ${countText(partial)} partial`, partial > 0 ? "warn" : "dim"],
    [`  ${countText(missed)} missed`, missed > 0 ? "warn" : "dim"],
  ];
}

function opportunityRow(row: ScreenOpportunity, width: number): Line {
  const time = instantText(row.at).slice(11);
  const verdict = row.reason === null ? row.outcome : `${row.outcome}: ${reasonText(row.reason)}`;
  const edge = moneyText(row.guaranteed).padStart(9);
  if (width < WIDE)
    return [
      [time, "dim"],
      [`${edge}  `, "accent"],
      [cut(verdict, width - 19), styleOf(row)],
    ];
  const name = `${safeText(row.style)} ${safeText(row.family)}`;
  const space = Math.max(12, width - ROW_REST);
  return [
    [`${time}  ${safeText(row.id).slice(0, 8)}  `, "dim"],
    [cut(name, space).padEnd(space), "plain"],
    [edge, "accent"],
    [` on ${moneyText(row.capital).padStart(9)}`, "dim"],
    [`  ${verdict}`, styleOf(row)],
  ];
}

function money(state: ScreenState, width: number): readonly Line[] {
  const { cash, reserved, openAtWorst, fees, equity, startCash, currency, openPositions } = state.money;
  const gain = gainText(equity, startCash);
  const total: Line = [
    label("equity"),
    [`${moneyText(equity)} ${safeText(currency)}  `, "bold"],
    [gain, gain.startsWith("-") ? "bad" : gain === "+0.00" ? "plain" : "good"],
    [` since the start  fees ${moneyText(fees)}`, "dim"],
  ];
  const open =
    width >= WIDE
      ? `open at worst ${moneyText(openAtWorst)} in ${openPositions} positions`
      : `open ${moneyText(openAtWorst)}`;
  const parts = `cash ${moneyText(cash)}  reserved ${moneyText(reserved)}  ${open}`;
  return [[["─".repeat(width), "dim"]], total, [label(""), [parts, "plain"]]];
}

function health(state: ScreenState): Line {
  const { level, text } = state.health;
  const style: Style = level === "ok" ? "good" : level === "degraded" ? "warn" : "bad";
  return [label("health"), [level, style], [`  ${safeText(text)}`, "plain"]];
}

function styleOf(row: ScreenOpportunity): Style {
  switch (row.outcome) {
    case "filled":
      return "good";
    case "partial":
    case "missed":
      return "warn";
    case "open":
      return "accent";
    case "refused":
      return "dim";
  }
}

/** As many counts as fit into `room` characters, then how many were left out. */
function countsWithin(list: readonly Count[], room: number): string {
  let text = "";
  for (const [i, { name, count }] of list.entries()) {
    const next = `${text}${i === 0 ? "" : " · "}${shortReason(name)} ${countText(count)}`;
    const rest = i + 1 < list.length ? 9 : 0;
    if (next.length + rest > room) return text === "" ? "" : `${text} +${list.length - i} more`;
    text = next;
  }
  return text;
}

/** `size.zero` as `size zero`: of a verdict the stage says as much as the word. */
function reasonText(code: string): string {
  return safeText(code).replace(/[._]/g, " ");
}

/** `quote.one_sided` as `one sided`. */
function shortReason(code: string): string {
  return safeText(code)
    .replace(/^[a-z]+\./, "")
    .replaceAll("_", " ");
}

function bar(filled: number): readonly Segment[] {
  return [
    ["█".repeat(filled), "good"],
    ["░".repeat(BAR - filled), "dim"],
  ];
}

function label(text: string): Segment {
  return [text.padEnd(LABEL), "dim"];
}
