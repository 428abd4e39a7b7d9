/** Scope of a degraded mode that concerns every venue. */
const EVERYWHERE = "all";
/** Scopes remembered; a run has a handful of venues. */
const MAX_SCOPES = 1024;

/** Which venues' feeds are degraded, as `degraded.mode` facts say. */
export class DegradedScopes {
  readonly #reasons = new Map<string, string>();

  /** @param scope a venue id, or "all". */
  set(scope: string, on: boolean, reason: string): void {
    if (!on) this.#reasons.delete(scope);
    else if (this.#reasons.has(scope) || this.#reasons.size < MAX_SCOPES) this.#reasons.set(scope, reason);
  }

  /** Why the feed of a venue is degraded; null when it is not. */
  of(venue: string): string | null {
    return this.#reasons.get(EVERYWHERE) ?? this.#reasons.get(venue) ?? null;
  }
}
