/** Where a person is told of reminders and approvals. */

import { request } from "./client";

export interface PushSubscribed {
  id: string;
  /** The host of the push service that reaches the browser. */
  service: string;
  created_at: string;
  sent_at: string | null;
}

export function getPushKey(): Promise<{ key: string }> {
  return request("GET", "/v1/push/key");
}

export function listPushSubscriptions(): Promise<PushSubscribed[]> {
  return request("GET", "/v1/push/subscriptions");
}

export function addPushSubscription(subscription: PushSubscriptionJSON, language: string): Promise<PushSubscribed> {
  const { endpoint, keys } = subscription;
  return request("POST", "/v1/push/subscriptions", { body: { endpoint, keys, language } });
}

export function removePushSubscription(id: string): Promise<void> {
  return request("DELETE", `/v1/push/subscriptions/${id}`);
}
