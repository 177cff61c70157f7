/**
 * The service worker: opens the page without a network, takes what is shared, and shows what is pushed.
 *
 * The program puts `APP` in front of this script, so every build has a worker of its own. Only the page itself is
 * kept: what the program answers is private, and never passes a cache.
 */

import { SHARED_CACHE, SHARED_TEXT } from "./shared";

interface App {
  /** Names this build. */
  version: string;
  /** Files whose names have a hash of their content. */
  files: string[];
  /** Files that may change under their name: texts, icons. */
  current: string[];
  /** Where the page is. */
  paths: string[];
}

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Waiting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Told extends Waiting {
  data: { type?: string } | null;
  ports: readonly MessagePort[];
}
interface Pushed extends Waiting {
  data: { json(): unknown } | null;
}
interface Clicked extends Waiting {
  notification: Notification;
}
interface OpenPage {
  url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}
interface Worker {
  registration: ServiceWorkerRegistration;
  location: Location;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled?: boolean }): Promise<OpenPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<E>(kind: string, listener: (event: E) => void): void;
}

declare const APP: App;
declare const self: Worker;

const PREFIX = "pisovereign-page-";
const CACHE = PREFIX + APP.version;
const SHELL = "/";
// Away from home, a name or an address may lead nowhere for a long time.
const PATIENCE_MS = 4000;
const MOST_SHARED = 20_000;
const PLACES: Record<string, string> = { reminder: "/reminders", approval: "/approvals", task: "/tasks" };

self.addEventListener<Waiting>("install", (event) => event.waitUntil(fill()));
self.addEventListener<Waiting>("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener<Told>("message", (event) => {
  if (event.data?.type === "version") event.ports[0]?.postMessage(APP.version);
  if (event.data?.type === "activate") event.waitUntil(self.skipWaiting());
});
self.addEventListener<Fetching>("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === "POST" && pathname === "/share") event.respondWith(takeShared(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (APP.paths.includes(pathname)) event.respondWith(openPage(request));
  } else if (APP.files.includes(pathname)) event.respondWith(fromCache(request));
  else if (APP.current.includes(pathname)) event.respondWith(fromNetwork(request));
});
self.addEventListener<Pushed>("push", (event) => event.waitUntil(show(event.data?.json())));
self.addEventListener<Clicked>("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String((event.notification.data as { path?: string } | null)?.path ?? SHELL)));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const fresh = [SHELL, ...APP.current].map((path) => new Request(path, { cache: "reload" }));
  await cache.addAll([...APP.files.map((path) => new Request(path)), ...fresh]);
}

async function takeOver(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page as the program has it now; without the program, as it was. */
async function openPage(request: Request): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: patience.signal });
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(SHELL);
    if (!kept) throw error;
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

async function fromCache(request: Request): Promise<Response> {
  return (await (await caches.open(CACHE)).match(request.url)) ?? fetch(request);
}

async function fromNetwork(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(request.url);
    if (!kept) throw error;
    return kept;
  }
}

/** Put what another app shared where the page takes it from; it is not sent anywhere. */
async function takeShared(request: Request): Promise<Response> {
  const form = await request.formData();
  const parts = ["title", "text", "url"].map((name) => String(form.get(name) ?? "").trim());
  const text = [...new Set(parts.filter(Boolean))].join("\n").slice(0, MOST_SHARED);
  await (await caches.open(SHARED_CACHE)).put(SHARED_TEXT, new Response(text));
  return Response.redirect(SHELL, 303);
}

interface Notice {
  title?: string;
  body?: string;
  tag?: string;
  kind?: string;
}

/** Show what was pushed; browsers insist that something is shown. */
async function show(pushed: unknown): Promise<void> {
  const { title = "PiSovereign", body = "", tag = "", kind = "" } = (pushed ?? {}) as Notice;
  const place = PLACES[kind] ?? SHELL;
  await self.registration.showNotification(title, {
    body,
    tag,
    icon: "/web/icons/icon-192.png",
    badge: "/web/icons/icon-192.png",
    data: { path: APP.paths.includes(place) ? place : SHELL },
  });
}

async function open(path: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path) ?? pages[0];
  if (!there) {
    await self.clients.openWindow(path);
    return;
  }
  await there.focus();
  if (new URL(there.url).pathname !== path) await there.navigate(path);
}
