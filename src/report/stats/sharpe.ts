import { normalCdf, normalQuantile } from "./special.ts";

const EULER_GAMMA = 0.577_215_664_901_532_9;

/** Sharpe ratio and the sample it comes from; `skew` and `kurtosis` (3 = normal) of the returns. */
export interface SharpeSample {
  readonly sharpe: number;
  readonly periods: number;
  readonly skew: number;
  readonly kurtosis: number;
}

/** The Sharpe ratio the best of `trials` worthless strategies reaches on average (Bailey, Lopez de Prado 2014). */
export function expectedMaximumSharpe(trialVariance: number, trials: number): number {
  return (
    Math.sqrt(trialVariance) *
    ((1 - EULER_GAMMA) * normalQuantile(1 - 1 / trials) +
      EULER_GAMMA * normalQuantile(1 - 1 / (trials * Math.E)))
  );
}

/** Probability that the true Sharpe ratio exceeds `benchmark`. */
export function probabilisticSharpe(sample: SharpeSample, benchmark: number): number {
  const { sharpe, periods, skew, kurtosis } = sample;
  const spread = Math.sqrt(1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe);
  return normalCdf(((sharpe - benchmark) * Math.sqrt(periods - 1)) / spread);
}
