/** The requests of set-up (docs/first-boot.md). */

import { ApiError, request as ask, type Method, type Options } from "../api/client";

export interface About {
  name: string;
  time_zone: string;
  language: string;
}

export interface ModelChoice {
  id: string;
  name: string;
  parameters: string;
  size: number;
  license: string;
  memory: number;
  audience: string;
  fits: boolean;
  recommended: boolean;
  state: string;
  on_media: boolean;
}

export interface Progress {
  status: string;
  file: string;
  done: number;
  total: number;
  error?: string | null;
}

export interface SetupState {
  memory_bytes: number;
  free_bytes: number;
  models: ModelChoice[];
  pull: Progress | null;
  time_zone: string;
}

export interface FoundModel {
  name: string;
  size: number;
  quantization: string;
  license: string;
  needs: { weights: number; compute: number; conversation: number; context: number }[];
}

export interface Uploaded {
  held: number;
  found?: FoundModel | null;
  model?: string | null;
}

const STORED = "pisovereign-setup";
const PIECE_BYTES = 1024 * 1024;
let session = sessionStorage.getItem(STORED) ?? "";

/** Return whether this browser has a session of set-up, perhaps one that is over. */
export function hasSession(): boolean {
  return session !== "";
}

/** Use another session; an empty one: forget it. */
export function setSession(value: string): void {
  session = value;
  if (value) sessionStorage.setItem(STORED, value);
  else sessionStorage.removeItem(STORED);
}

/** Exchange the code of the screen for a session. */
export async function claim(code: string): Promise<void> {
  setSession((await ask<{ session: string }>("POST", "/setup/claim", { body: { code } })).session);
}

export function loadState(): Promise<SetupState> {
  return request("GET", "/setup/state");
}

export function checkAbout(about: About): Promise<void> {
  return request("POST", "/setup/about", { body: about });
}

export function fetchModel(model: string, source: "download" | "media"): Promise<void> {
  return request("POST", "/setup/model", { body: { model, source } });
}

export function stopFetching(): Promise<void> {
  return request("DELETE", "/setup/model");
}

export async function makeKey(about: About, model: string): Promise<string> {
  return (await request<{ api_key: string }>("POST", "/setup/key", { body: { ...about, model } })).api_key;
}

export async function finish(key: string): Promise<void> {
  await request("POST", "/setup/finish", { headers: { Authorization: `Bearer ${key}` } });
  setSession("");
}

/** Send a file piece by piece, so that one that is lost costs no more than itself; returns the model's id. */
export async function upload(
  file: File, told: (state: Uploaded) => void, stopped: () => boolean,
): Promise<string | null> {
  for (let offset = 0; !stopped(); ) {
    const query = { name: file.name, size: file.size, offset };
    const body = file.slice(offset, offset + PIECE_BYTES, "application/octet-stream");
    const state = await request<Uploaded>("POST", "/setup/upload", { query, body });
    told(state);
    if (state.model) return state.model;
    offset = state.held;
  }
  return null;
}

/** Wait until the assistant is there, then sign in with the new key; returns whether that worked. */
export async function waitAndSignIn(key: string, language: string): Promise<boolean> {
  for (;;) {
    try {
      await ask("GET", "/ready");
      break;
    } catch {
      // It is between set-up and the assistant.
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    await ask("POST", "/v1/sign-in", { body: { key, language, ...(zone && { time_zone: zone }) } });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  return ask(method, path, { ...options, headers: { "X-Setup-Session": session, ...options.headers } });
}
