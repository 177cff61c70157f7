/** The page's side of the service worker: starts it, offers a new version, and takes what was shared. */

import { toast } from "../components/toasts";
import { t } from "../text/t";
import { draftOf, keepDraft } from "../views/chat/drafts";
import { SHARED_CACHE, SHARED_TEXT } from "../worker/shared";

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): {
    createScriptURL: (url: string) => string;
  };
}

const SCRIPT = "/service-worker.js";
const LOOK_MS = 60 * 60 * 1000;

/** Put what another app shared into the draft of a new conversation; nothing is sent. */
export async function takeShared(): Promise<void> {
  try {
    const text = await (await caches.match(SHARED_TEXT, { cacheName: SHARED_CACHE }))?.text();
    await caches.delete(SHARED_CACHE);
    if (text) keepDraft(null, [draftOf(null), text].filter(Boolean).join("\n"));
  } catch {
    // Without TLS a browser has no caches, and nothing can be shared.
  }
}

/** Start the service worker, where the browser has one: with TLS, and on the device itself. */
export async function startServiceWorker(): Promise<void> {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  try {
    const registration = await workers.register(trusted(SCRIPT), { updateViaCache: "none" });
    follow(workers, registration);
  } catch {
    // The page works without it, as long as the program is there.
  }
}

function trusted(url: string): string {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  return types?.createPolicy("service-worker", { createScriptURL: () => SCRIPT }).createScriptURL(url) ?? url;
}

function follow(workers: ServiceWorkerContainer, registration: ServiceWorkerRegistration): void {
  let accepted = false;
  workers.addEventListener("controllerchange", () => {
    if (accepted) location.reload();
  });
  const offer = async (worker: ServiceWorker) => {
    if ((await versionOf(worker)) === ownVersion()) {
      // This page is of that version already.
      worker.postMessage({ type: "activate" });
      return;
    }
    const use = () => {
      accepted = true;
      worker.postMessage({ type: "activate" });
    };
    toast(t("app.update"), { seconds: 0, actions: [{ label: t("app.update_now"), run: use }] });
  };
  const watch = (worker: ServiceWorker | null) => {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && workers.controller) void offer(worker);
    });
  };
  if (registration.waiting && workers.controller) void offer(registration.waiting);
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  const look = () => {
    if (!document.hidden) registration.update().catch(() => undefined);
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}

function ownVersion(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="version"]')?.content ?? "";
}

function versionOf(worker: ServiceWorker): Promise<string> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event: MessageEvent<string>) => resolve(event.data);
    worker.postMessage({ type: "version" }, [port2]);
  });
}
