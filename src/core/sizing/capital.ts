import { type Certificate, PICO_DIGITS, type Pico, parseDecimal } from "../../contracts/index.ts";

/** Exact money of a certificate's decimal text; null when it is no decimal (nothing may rest on it then). */
export function picoOf(text: string): Pico | null {
  return parseDecimal(text, PICO_DIGITS) as Pico | null;
}

/**
 * Capital of a certificate by venue: what its buys cost with fees. What transforms need beyond that (splits) counts at
 * the venue of the first leg: a family with transforms lies at one venue. Null when an amount cannot be read.
 */
export function capitalByVenue(certificate: Certificate): ReadonlyMap<string, Pico> | null {
  const byVenue = new Map<string, Pico>();
  const add = (venue: string, amount: bigint) => {
    byVenue.set(venue, ((byVenue.get(venue) ?? 0n) + amount) as Pico);
  };
  const capital = picoOf(certificate.capital);
  const [first] = certificate.legs;
  if (capital === null || first === undefined) return null;
  let rest: bigint = capital;
  for (const leg of certificate.legs) {
    const cash = picoOf(leg.cash);
    if (cash === null) return null;
    if (leg.action === "sell") continue;
    add(leg.venue, cash);
    rest -= cash;
  }
  if (rest > 0n) add(first.venue, rest);
  return byVenue;
}
