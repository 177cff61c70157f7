/** Notices of the operating system, for a page that is open and not looked at. */

import { signal } from "@preact/signals";
import { isPushed } from "../app/push";

export type Permission = "granted" | "denied" | "default" | "unsupported";

/** Browsers offer them only over TLS, and on this device itself. */
export const permission = signal<Permission>(typeof Notification === "undefined" ? "unsupported" : Notification.permission);

/** Ask the person; only a touch may do that. */
export async function askPermission(): Promise<void> {
  if (typeof Notification !== "undefined") permission.value = await Notification.requestPermission();
}

/** Show one, if the page is hidden and the person allows it. */
export function showSystemNotice(id: string, title: string, text: string): void {
  // Where the service worker is told, it shows the same by itself.
  if (permission.value !== "granted" || !document.hidden || isPushed()) return;
  try {
    const shown = new Notification(title, { body: text, tag: id });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // Phones offer them only to service workers.
  }
}
