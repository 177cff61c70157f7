/** Whether this browser is told of reminders and approvals while the page is closed. */

import { ApiError } from "../api/client";
import {
  addPushSubscription, getPushKey, listPushSubscriptions, removePushSubscription,
} from "../api/push";
import { language } from "../text/t";

/** `on`, `off`, or why it cannot be on. */
export type PushState = "on" | "off" | "needs_tls" | "unsupported" | "denied";

const STORED_ID = "pisovereign-push";

/** Return how it stands; who signed in before does not count. */
export async function pushState(): Promise<PushState> {
  const cannot = whyNot();
  if (cannot) return cannot;
  const subscription = await (await worker())?.pushManager.getSubscription();
  if (!subscription) return "off";
  const mine = await listPushSubscriptions();
  if (mine.some(({ id }) => id === storedId())) return "on";
  // It was somebody else's, or the program has forgotten it: what is sent there goes nowhere from now on.
  await subscription.unsubscribe();
  return "off";
}

/** Return whether the service worker of this browser is told, as far as the page knows. */
export function isPushed(): boolean {
  return storedId() !== null;
}

/** Be told here; asks the person, so it has to follow a click. */
export async function switchPushOn(): Promise<PushState> {
  const cannot = whyNot();
  if (cannot) return cannot;
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const { key } = await getPushKey();
  const manager = (await navigator.serviceWorker.ready).pushManager;
  const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { id } = await addPushSubscription(subscription.toJSON(), language.value);
  localStorage.setItem(STORED_ID, id);
  return "on";
}

/** Be told here no longer. */
export async function switchPushOff(): Promise<PushState> {
  const subscription = await (await worker())?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  const id = storedId();
  localStorage.removeItem(STORED_ID);
  if (id) await removePushSubscription(id).catch(unlessGone);
  return "off";
}

/** Let nothing more come for who signs out. Never fails: signing out goes on. */
export async function forgetPush(): Promise<void> {
  try {
    if (storedId()) await switchPushOff();
  } catch {
    // The push service then says that nobody is there, and the program forgets it.
  }
}

function whyNot(): PushState | null {
  if (!window.isSecureContext) return "needs_tls";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : null;
}

async function worker(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker.getRegistration();
}

function storedId(): string | null {
  try {
    return localStorage.getItem(STORED_ID);
  } catch {
    return null;
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}
