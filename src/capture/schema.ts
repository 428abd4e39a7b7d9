import { z } from "zod";
import {
  type Decision,
  type ObjectFact,
  type ObjectFactKind,
  REASONS,
  type Reason,
} from "../contracts/index.ts";
import { CaptureError } from "./errors.ts";
import {
  commandSchema,
  decimalText,
  familySchema,
  fillSchema,
  findingSchema,
  instrumentSchema,
  legSchema,
  orderUpdateSchema,
} from "./schema-market.ts";
import { upgradeRecord } from "./upgrade.ts";

const reason = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]]);
const stage = z.enum(["certify", "dedupe", "size", "risk"]);

/** One schema per kind of object fact; the compiler asks for every kind of the contract. */
const FACT_SCHEMAS = {
  "market.instruments": z.strictObject({
    kind: z.literal("market.instruments"),
    instruments: z.array(instrumentSchema),
  }),
  "market.families": z.strictObject({ kind: z.literal("market.families"), families: z.array(familySchema) }),
  "stream.opened": z.strictObject({
    kind: z.literal("stream.opened"),
    stream: z.number().int().nonnegative(),
    venue: z.string(),
    label: z.string(),
    judged: z.boolean(),
    why: z.string(),
  }),
  "stream.closed": z.strictObject({
    kind: z.literal("stream.closed"),
    stream: z.number().int().nonnegative(),
    reason: z.string(),
  }),
  "market.resolved": z.strictObject({
    kind: z.literal("market.resolved"),
    market: z.string(),
    yesPayout: decimalText,
    source: z.string(),
  }),
  "venue.status": z.strictObject({
    kind: z.literal("venue.status"),
    venue: z.string(),
    status: z.enum(["up", "degraded", "down"]),
    reason: z.string(),
  }),
  operator: z.strictObject({
    kind: z.literal("operator"),
    action: z.enum(["pause", "resume", "kill"]),
    who: z.string(),
    why: z.string(),
  }),
  "order.update": z.strictObject({ kind: z.literal("order.update"), update: orderUpdateSchema }),
  "lane.result": z.strictObject({
    kind: z.literal("lane.result"),
    lane: z.string(),
    findings: z.array(findingSchema),
  }),
  "run.ended": z.strictObject({ kind: z.literal("run.ended"), reason: z.string() }),
  "risk.breach": z.strictObject({ kind: z.literal("risk.breach"), rule: z.string(), detail: z.string() }),
  "degraded.mode": z.strictObject({
    kind: z.literal("degraded.mode"),
    on: z.boolean(),
    scope: z.string(),
    reason: z.string(),
  }),
  "feed.note": z.strictObject({
    kind: z.literal("feed.note"),
    venue: z.string(),
    stage: z.string(),
    detail: z.string(),
    tookMs: z.number(),
  }),
} satisfies { [K in ObjectFactKind]: z.ZodType<Extract<ObjectFact, { kind: K }>> };

const opportunityRow = z.strictObject({
  id: z.string(),
  lane: z.string(),
  family: z.string(),
  familyTitle: z.string(),
  style: z.string(),
  venues: z.array(z.string()),
  factSeq: z.number().int(),
  foundAt: z.number().int(),
  closedAt: z.number().int(),
  legCount: z.number().int(),
  detected: decimalText,
  certified: decimalText,
  planned: decimalText,
  expectedRealised: decimalText,
  simulatedRealised: decimalText,
  capital: decimalText,
  fees: decimalText,
  refusal: reason.nullable(),
  refusalStage: stage.nullable(),
  outcome: z.enum(["refused", "filled", "partial", "missed", "open"]),
  fills: z.array(fillSchema),
  minAsk: decimalText,
  maxAsk: decimalText,
  minDepthNotional: decimalText,
  lotsPlanned: z.string(),
  lotsFilled: z.string(),
});

const DECISION_SCHEMAS = {
  "opportunity.detected": z.strictObject({
    kind: z.literal("opportunity.detected"),
    id: z.string(),
    lane: z.string(),
    family: z.string(),
    style: z.string(),
    guaranteed: decimalText,
    capital: decimalText,
    finding: findingSchema,
  }),
  "opportunity.refused": z.strictObject({
    kind: z.literal("opportunity.refused"),
    id: z.string(),
    stage,
    reason,
    detail: z.string(),
  }),
  "plan.approved": z.strictObject({
    kind: z.literal("plan.approved"),
    id: z.string(),
    legs: z.array(legSchema),
    capital: decimalText,
    guaranteed: decimalText,
    boundBy: z.string(),
    certificateHash: z.string(),
  }),
  "command.issued": z.strictObject({ kind: z.literal("command.issued"), command: commandSchema }),
  "opportunity.closed": z.strictObject({ kind: z.literal("opportunity.closed"), row: opportunityRow }),
} satisfies { [K in Decision["kind"]]: z.ZodType<Extract<Decision, { kind: K }>> };

/** Reads an object fact of any version up to ours. @throws CaptureError `bad_record` or `newer`, naming seq and field. */
export function parseObjectFact(json: string, version: number, seq: number): ObjectFact {
  return parseKind<ObjectFact>(FACT_SCHEMAS, "fact", json, version, seq);
}

/** Reads a decision of any version up to ours. @throws CaptureError `bad_record` or `newer`, naming seq and field. */
export function parseDecision(json: string, version: number, seq: number): Decision {
  return parseKind<Decision>(DECISION_SCHEMAS, "decision", json, version, seq);
}

function parseKind<T>(
  schemas: Readonly<Record<string, z.ZodType<T>>>,
  what: string,
  json: string,
  version: number,
  seq: number,
): T {
  const value = upgradeRecord(readJson(json, seq), version);
  const kind = kindOf(value);
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (schema === undefined) {
    throw new CaptureError(
      "bad_record",
      `journal: seq ${seq}: ${what} kind ${JSON.stringify(kind)} is not known`,
    );
  }
  const parsed = schema.safeParse(value);
  // The value as it was written, not the schema's copy: certificates are hashed with the order of their fields.
  if (parsed.success) return value as T;
  const [issue] = parsed.error.issues;
  throw new CaptureError(
    "bad_record",
    `journal: seq ${seq}: ${kind}: ${issue?.path.join(".")}: ${issue?.message}`,
  );
}

function kindOf(value: unknown): string {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  return typeof kind === "string" ? kind : "";
}

function readJson(json: string, seq: number): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new CaptureError("bad_record", `journal: seq ${seq}: the record is not JSON`);
  }
}
