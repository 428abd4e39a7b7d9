import { z } from "zod";
import { bodyOf } from "./paths.ts";

const flag = z.boolean().optional();
const tokens = z.array(z.string());

const FirstMarket = z.object({
  type: z.string().regex(/^market$/i),
  assets_ids: tokens,
  custom_feature_enabled: flag,
  initial_dump: flag,
});
const MarketOperation = z.object({
  operation: z.enum(["subscribe", "unsubscribe"]),
  assets_ids: tokens,
  custom_feature_enabled: flag,
});
const FirstUser = z.object({
  type: z.string().regex(/^user$/i),
  auth: z.object({ apiKey: z.string(), secret: z.string(), passphrase: z.string() }),
  markets: z.array(z.string()).optional(),
});
const UserOperation = z.object({
  operation: z.enum(["subscribe", "unsubscribe"]),
  markets: z.array(z.string()),
});

/** First frame of the market channel, or null. */
export function readFirstMarket(text: string): z.infer<typeof FirstMarket> | null {
  return FirstMarket.safeParse(bodyOf(text)).data ?? null;
}

/** A change of what a market connection is subscribed to, or null. */
export function readMarketOperation(text: string): z.infer<typeof MarketOperation> | null {
  return MarketOperation.safeParse(bodyOf(text)).data ?? null;
}

/** First frame of the user channel, or null. */
export function readFirstUser(text: string): z.infer<typeof FirstUser> | null {
  return FirstUser.safeParse(bodyOf(text)).data ?? null;
}

/** A change of the markets a user connection hears of, or null. */
export function readUserOperation(text: string): z.infer<typeof UserOperation> | null {
  return UserOperation.safeParse(bodyOf(text)).data ?? null;
}
