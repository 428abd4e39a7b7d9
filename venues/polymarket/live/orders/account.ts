import { z } from "zod";
import type { SessionEnv } from "../../../../src/contracts/index.ts";
import type { ClockSkew } from "../../../../src/venue-kit/clock-skew.ts";
import type { Failure } from "../failures.ts";
import { type Answer, type Call, type Rest, readBody } from "../rest.ts";
import { type ApiKey, keyHeaders, walletHeaders } from "../signing/clob-auth.ts";
import type { Wallet } from "../signing/wallet.ts";

const TRIES = 4;
const NONCE = 0;
const SECOND = 1_000_000;

const KeyAnswer = z.object({
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().min(1),
});
const ClosedOnly = z.object({ closed_only: z.boolean() });

/** A call of the account: to the CLOB, signed with the API key when it leaves. */
export type AccountCall = Omit<Call, "host" | "sign"> & { readonly leaving?: () => void };

/** The wallet's account at the CLOB: gets its API key, signs its calls. */
export class Account {
  readonly wallet: Wallet;
  readonly #env: SessionEnv;
  readonly #rest: Rest;
  readonly #skew: ClockSkew;
  readonly #chain: number;
  #key: ApiKey | null;

  /** @param key what is configured; null = derived from the wallet, or made. */
  constructor(
    env: SessionEnv,
    rest: Rest,
    skew: ClockSkew,
    wallet: Wallet,
    chain: number,
    key: ApiKey | null,
  ) {
    this.#env = env;
    this.#rest = rest;
    this.#skew = skew;
    this.wallet = wallet;
    this.#chain = chain;
    this.#key = key;
  }

  /** Null before the account is open. */
  get key(): ApiKey | null {
    return this.#key;
  }

  /** Gets the key and tries it. @param done null = open, else why not; and whether it may only close positions. */
  open(done: (failure: Failure | null, closedOnly: boolean) => void): void {
    if (this.#key !== null) this.#try(done);
    else this.#derive(done);
  }

  /** One signed call. */
  call(call: AccountCall, answered: (answer: Answer) => void): () => void {
    return this.#rest.call(this.#signed(call), answered);
  }

  /** A signed call, asked again while that may help. */
  retrying(call: AccountCall, tries: number, answered: (answer: Answer) => void): void {
    this.#rest.retrying(this.#signed(call), tries, answered);
  }

  #signed({ leaving, ...call }: AccountCall): Call {
    const path = call.path.split("?", 1)[0]!;
    return {
      ...call,
      host: "clob",
      sign: () => {
        leaving?.();
        if (this.#key === null) return {};
        return keyHeaders(
          this.#key,
          this.wallet.address,
          this.#seconds(),
          call.method,
          path,
          call.body ?? "",
        );
      },
    };
  }

  /** The venue's clock counts. */
  #seconds(): number {
    return Math.floor(this.#skew.toVenue(this.#env.clock.now()) / SECOND);
  }

  #derive(done: (failure: Failure | null, closedOnly: boolean) => void): void {
    this.#ask("GET", "/auth/derive-api-key", (answer) => {
      if (this.#take(answer)) this.#try(done);
      else if (!answer.ok && answer.failure.status !== 400) done(answer.failure, false);
      else this.#create(done);
    });
  }

  /** There is none to derive: the first use of this wallet. */
  #create(done: (failure: Failure | null, closedOnly: boolean) => void): void {
    this.#ask("POST", "/auth/api-key", (answer) => {
      if (this.#take(answer)) this.#try(done);
      else done(answer.ok ? UNREADABLE : answer.failure, false);
    });
  }

  #try(done: (failure: Failure | null, closedOnly: boolean) => void): void {
    const call = {
      method: "GET",
      path: "/auth/ban-status/closed-only",
      rateClass: "keys",
      purpose: "account",
    } as const;
    this.retrying(call, TRIES, (answer) => {
      if (!answer.ok) done(answer.failure, false);
      else done(null, ClosedOnly.safeParse(readBody(answer.body)).data?.closed_only === true);
    });
  }

  #take(answer: Answer): boolean {
    const key = answer.ok ? KeyAnswer.safeParse(readBody(answer.body)).data : undefined;
    if (key !== undefined) this.#key = key;
    return key !== undefined;
  }

  #ask(method: "GET" | "POST", path: string, answered: (answer: Answer) => void, again = true): void {
    const sign = () => walletHeaders(this.wallet, this.#chain, this.#seconds(), NONCE);
    const call: Call = { host: "clob", method, path, rateClass: "keys", purpose: "account", sign };
    this.#rest.retrying(call, TRIES, (answer) => {
      const refused = !answer.ok && answer.failure.status === 401;
      // The refusal told how far the clocks are apart: signed once more, by the venue's.
      if (again && refused && this.#skew.isLarge) this.#ask(method, path, answered, false);
      else answered(answer);
    });
  }
}

const UNREADABLE: Failure = {
  reason: "feed.shape",
  status: 200,
  text: "",
  detail: "the answer to an API key has another shape",
  retry: false,
  retryAfterMicros: null,
  sent: true,
};
