/** Telegram accounts, and messages that people send themselves to try a way. */

import { request } from "./client";

export interface TelegramAccount {
  set_up: boolean;
  linked: boolean;
  name: string | null;
  linked_at: string | null;
}

export interface TelegramCode {
  code: string;
  bot: string;
  link: string;
  qr: string;
  expires_at: string;
}

export const WAYS = ["push", "telegram", "ntfy", "whatsapp", "mail"] as const;
export type Way = (typeof WAYS)[number];

export interface Delivery {
  channel: Way;
  status: "waiting" | "sending" | "sent" | "uncertain" | "failed";
  at: string;
  error: string | null;
}

/** Load which Telegram account is linked with the person. */
export function getTelegramAccount(signal?: AbortSignal): Promise<TelegramAccount> {
  return request("GET", "/v1/telegram/account", signal ? { signal } : {});
}

/** Make a code that links the account that sends it to the bot. */
export function createTelegramCode(): Promise<TelegramCode> {
  return request("POST", "/v1/telegram/codes");
}

/** Forget the account. */
export function removeTelegramAccount(): Promise<void> {
  return request("DELETE", "/v1/telegram/account");
}

/** Send the person a test message, and return what became of it. */
export function testNotification(way: Way): Promise<Delivery> {
  return request("POST", "/v1/notifications/test", { body: { way } });
}
