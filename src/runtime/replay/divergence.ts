import {
  type Decision,
  type Kind,
  type Micros,
  type ObjectFact,
  REASONS,
  reasonOf,
  type Side,
} from "../../contracts/index.ts";

/** The first place where two streams of judgements part: the event, the two values, the rule. */
export interface Divergence {
  /** Seq of the world fact after which they differ. */
  readonly factSeq: number;
  readonly at: number;
  readonly rule: string;
  readonly a: string;
  readonly b: string;
}

/** A judgement as comparable text. Equal texts are equal judgements. */
export function quoteText(kind: Kind, side: Side, book: number, reasonNumber: number): string {
  const what = kind === 64 ? "quarantine" : kind === 65 ? "release" : "refusal";
  return `${what} book ${book} ${side === 0 ? "bid" : "ask"} ${reasonOf(reasonNumber) ?? reasonNumber}`;
}

export function decisionText(decision: Decision): string {
  return JSON.stringify(decision);
}

export function replyText(fact: ObjectFact): string {
  return JSON.stringify(fact);
}

export function tickText(at: Micros): string {
  return `tick ${at}`;
}

/** The rule behind a judgement, for people: a reason code where there is one, else the kind of judgement. */
export function ruleOf(text: string): string {
  if (text === "") return "nothing";
  if (!text.startsWith("{")) return text.split(" ").at(-1) ?? text;
  const value = JSON.parse(text) as {
    kind: string;
    reason?: string;
    boundBy?: string;
    row?: { refusal: string | null };
  };
  return value.reason ?? value.row?.refusal ?? value.boundBy ?? value.kind;
}

/** A judgement shortened for one line of output. */
export function shortText(text: string): string {
  if (text === "") return "(nothing)";
  if (!text.startsWith("{")) return text;
  const value = JSON.parse(text) as Record<string, unknown>;
  const kept = Object.entries(value).filter(([key]) => !["finding", "findings", "row", "legs"].includes(key));
  const short = kept
    .map(([key, item]) => `${key}=${typeof item === "object" ? JSON.stringify(item) : String(item)}`)
    .join(" ");
  const line = short.length > 300 ? `${short.slice(0, 300)}…` : short;
  const reason = value["reason"];
  return typeof reason === "string" && reason in REASONS
    ? `${line} (${REASONS[reason as keyof typeof REASONS].text})`
    : line;
}

/** Compares two streams that should be equal, item by item, in bounded memory. */
export class StreamComparer {
  #a: string[] = [];
  #b: string[] = [];
  #first: Divergence | null = null;

  get divergence(): Divergence | null {
    return this.#first;
  }

  pushA(text: string, factSeq: number, at: number): void {
    if (this.#first !== null) return;
    this.#a.push(text);
    this.#match(factSeq, at);
  }

  pushB(text: string, factSeq: number, at: number): void {
    if (this.#first !== null) return;
    this.#b.push(text);
    this.#match(factSeq, at);
  }

  /** Both sides must be level here: an item without a partner is a divergence. */
  level(factSeq: number, at: number): void {
    if (this.#first !== null || (this.#a.length === 0 && this.#b.length === 0)) return;
    this.#differ(factSeq, at, this.#a[0] ?? "", this.#b[0] ?? "");
  }

  /** Side A ends early (a killed run, a stopped replay): what B has beyond it is no divergence, the reverse is. */
  cutOff(factSeq: number, at: number): void {
    if (this.#a.length > 0) this.level(factSeq, at);
  }

  #match(factSeq: number, at: number): void {
    while (this.#a.length > 0 && this.#b.length > 0) {
      const a = this.#a.shift()!;
      const b = this.#b.shift()!;
      if (a !== b) {
        this.#differ(factSeq, at, a, b);
        return;
      }
    }
  }

  #differ(factSeq: number, at: number, a: string, b: string): void {
    this.#first = { factSeq, at, rule: ruleOf(b === "" ? a : b), a: shortText(a), b: shortText(b) };
    this.#a = [];
    this.#b = [];
  }
}
