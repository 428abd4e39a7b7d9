/** One line of a posting set: debit positive, credit negative, in quanta of `unit`. */
export interface Posting {
  readonly account: string;
  /** A currency, or a claim of a market: what is counted. */
  readonly unit: string;
  readonly amount: bigint;
}

interface Account {
  readonly unit: string;
  balance: bigint;
}

/**
 * Double entry: balances by account. A set is posted as a whole or not at all, and sums to zero per unit.
 * Accounts at zero are dropped, so the table is as large as what is open.
 */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #sums = new Map<string, bigint>();

  /** @throws RangeError when the set does not balance: a fault of the caller, never of data. */
  post(set: readonly Posting[]): void {
    const sums = this.#sums;
    sums.clear();
    for (const { unit, amount } of set) sums.set(unit, (sums.get(unit) ?? 0n) + amount);
    for (const [unit, sum] of sums) {
      if (sum !== 0n) throw new RangeError(`postings leave ${sum} quanta of ${unit}`);
    }
    for (const posting of set) this.#apply(posting);
  }

  #apply({ account, unit, amount }: Posting): void {
    const known = this.#accounts.get(account);
    if (known === undefined) {
      if (amount !== 0n) this.#accounts.set(account, { unit, balance: amount });
      return;
    }
    known.balance += amount;
    if (known.balance === 0n) this.#accounts.delete(account);
  }

  balance(account: string): bigint {
    return this.#accounts.get(account)?.balance ?? 0n;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Sum of the balances of all accounts whose name starts with `prefix`. */
  total(prefix: string): bigint {
    let sum = 0n;
    for (const [name, account] of this.#accounts) if (name.startsWith(prefix)) sum += account.balance;
    return sum;
  }

  /** Sum of all balances by unit. A sound ledger has only zeros here. */
  trialBalance(): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>();
    for (const { unit, balance } of this.#accounts.values()) {
      sums.set(unit, (sums.get(unit) ?? 0n) + balance);
    }
    return sums;
  }
}
