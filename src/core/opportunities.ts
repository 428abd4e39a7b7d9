import type { BookId, Finding, Micros, Opportunity, Reason, Sha256Hex } from "../contracts/index.ts";

export interface OpportunityOptions {
  /** A family that was looked at is left alone this long. Default 30 s. */
  readonly cooldownMicros: number;
  /** Width of the time bucket inside the id: the same legs seen again within it are the same opportunity. Default 1 s. */
  readonly idBucketMicros: number;
  /** Bound on remembered ids and on remembered families; when full, nothing new is admitted. Default 65,536. */
  readonly maxRemembered: number;
}

export const DEFAULT_OPPORTUNITY_OPTIONS: OpportunityOptions = {
  cooldownMicros: 30_000_000,
  idBucketMicros: 1_000_000,
  maxRemembered: 65_536,
};

const ID_LENGTH = 20;

/** Outcome of `admit`: `refused` null means the opportunity goes on. */
export interface Admission {
  readonly opportunity: Opportunity;
  readonly refused: { readonly reason: Reason; readonly detail: string } | null;
}

/**
 * Identity and de-duplication. An id depends on lane, style, legs (book and action, not size or price) and time bucket,
 * so a retry or a reconnect names the same opportunity the same way; a family is taken at most once per cool-down.
 */
export class Opportunities {
  readonly #options: OpportunityOptions;
  readonly #sha256: Sha256Hex;
  readonly #keyOf: (book: BookId) => string;
  /** id -> instant until which it is remembered; in order of insertion. */
  readonly #ids = new Map<string, number>();
  /** family -> instant at which it may be taken again; in order of that instant. */
  readonly #families = new Map<string, number>();
  readonly #busy = new Set<string>();

  constructor(options: OpportunityOptions, sha256: Sha256Hex, keyOf: (book: BookId) => string) {
    this.#options = options;
    this.#sha256 = sha256;
    this.#keyOf = keyOf;
  }

  /** First 20 hex digits of SHA-256 over lane, style, sorted legs and `floor(at / bucket)`. */
  idOf(finding: Finding, at: Micros): string {
    const legs = finding.legs.map(({ book, action }) => `${this.#keyOf(book)} ${action}`).sort();
    const bucket = Math.floor(at / this.#options.idBucketMicros);
    const text = JSON.stringify([finding.lane, finding.family, finding.style, legs, bucket]);
    return this.#sha256(text).slice(0, ID_LENGTH);
  }

  /** Names a finding and lets it pass once: `dedupe.same_id` for a repeat, `dedupe.cooldown` inside the family's cool-down. */
  admit(finding: Finding, at: Micros, factSeq: number): Admission {
    this.#forget(at);
    const opportunity: Opportunity = { id: this.idOf(finding, at), foundAt: at, factSeq, finding };
    const { family } = finding;
    const refuse = (reason: Reason, detail: string): Admission => ({
      opportunity,
      refused: { reason, detail },
    });
    if (this.#ids.has(opportunity.id)) return refuse("dedupe.same_id", opportunity.id);
    if (this.#busy.has(family)) return refuse("dedupe.cooldown", `${family} has an open plan`);
    const until = this.#families.get(family);
    if (until !== undefined) return refuse("dedupe.cooldown", `${family} until ${until}`);
    const { maxRemembered, idBucketMicros } = this.#options;
    if (this.#ids.size >= maxRemembered || this.#families.size + this.#busy.size >= maxRemembered) {
      return refuse("dedupe.cooldown", `the register of ${maxRemembered} opportunities is full`);
    }
    this.#ids.set(opportunity.id, (Math.floor(at / idBucketMicros) + 1) * idBucketMicros);
    this.#rest(family, at);
    return { opportunity, refused: null };
  }

  /** A plan of this family is being carried out: nothing else of it passes until `closed`. */
  opened(family: string): void {
    this.#busy.add(family);
  }

  /** The plan ended; the family's cool-down starts anew. */
  closed(family: string, at: Micros): void {
    if (this.#busy.delete(family)) this.#rest(family, at);
  }

  /** Remembered ids and families, for health. */
  get remembered(): number {
    return this.#ids.size + this.#families.size;
  }

  #rest(family: string, at: Micros): void {
    this.#families.delete(family);
    this.#families.set(family, at + this.#options.cooldownMicros);
  }

  /** Both maps are in order of expiry (instants never go back), so forgetting stops at the first that is alive. */
  #forget(at: Micros): void {
    for (const [id, until] of this.#ids) {
      if (until > at) break;
      this.#ids.delete(id);
    }
    for (const [family, until] of this.#families) {
      if (until > at) break;
      this.#families.delete(family);
    }
  }
}
