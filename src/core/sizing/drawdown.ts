/** How a drawdown shrinks the stake. Fractions are of the peak equity. */
export interface DrawdownScaleOptions {
  /** Below this the stake is full. Default 0.05. */
  readonly soft: number;
  /** At and above this the stake is zero. Default 0.15. */
  readonly hard: number;
  /** Largest rise of the multiplier per step. Default 0.1. */
  readonly restoreStep: number;
  /** Closed plans without a new low between two rises. Default 1. */
  readonly restoreEvery: number;
}

export const DEFAULT_DRAWDOWN_SCALE: DrawdownScaleOptions = {
  soft: 0.05,
  hard: 0.15,
  restoreStep: 0.1,
  restoreEvery: 1,
};

/**
 * Stake multiplier from the equity curve: target = (hard - D) / (hard - soft) clamped to [0, 1], D = fall from the peak.
 * It is cut at once and restored in steps (facts: ARBITRAGE.md 3.9; vector K20). It only ever scales a size.
 */
export class DrawdownScale {
  readonly #options: DrawdownScaleOptions;
  #peak = 0;
  #multiplier = 1;
  #calm = 0;

  constructor(options: DrawdownScaleOptions) {
    this.#options = options;
  }

  get multiplier(): number {
    return this.#multiplier;
  }

  /** One observation of the equity, taken after a plan closed. @returns the multiplier from now on. */
  observe(equity: number): number {
    const { soft, hard, restoreStep, restoreEvery } = this.#options;
    if (equity > this.#peak) this.#peak = equity;
    const drawdown = this.#peak > 0 ? 1 - equity / this.#peak : 0;
    const target = Math.min(1, Math.max(0, (hard - drawdown) / (hard - soft)));
    if (target <= this.#multiplier) {
      this.#multiplier = target;
      this.#calm = 0;
      return target;
    }
    this.#calm++;
    if (this.#calm >= restoreEvery) {
      this.#multiplier = Math.min(target, this.#multiplier + restoreStep);
      this.#calm = 0;
    }
    return this.#multiplier;
  }
}
