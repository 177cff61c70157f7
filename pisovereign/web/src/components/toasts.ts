/** Short notices at the page's edge: `toast("Saved")`, with an action to take something back. */

import { signal } from "@preact/signals";

export interface ToastAction {
  label: string;
  run: () => void | Promise<void>;
}

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  actions: readonly ToastAction[];
}

interface ToastOptions {
  tone?: Toast["tone"];
  actions?: readonly ToastAction[];
  /** Seconds until it goes by itself; 0: it stays until somebody closes it. */
  seconds?: number;
}

const MOST = 4;
export const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Show a notice; returns a function that takes it away. */
export function toast(text: string, { tone = "plain", actions = [], seconds = 6 }: ToastOptions = {}): () => void {
  const id = (last += 1);
  const close = () => {
    toasts.value = toasts.value.filter((each) => each.id !== id);
  };
  toasts.value = [...toasts.value, { id, text, tone, actions }].slice(-MOST);
  if (seconds > 0) setTimeout(close, seconds * 1000);
  return close;
}
