/** Requests to the program: JSON in and out, lists with their total, files, and event streams. */

import { signal } from "@preact/signals";
import { language } from "../text/t";
import { ApiError, OfflineError, isAbort, type FieldProblem } from "./errors";
import { readEvents, type ServerEvent } from "./sse";

export { ApiError, OfflineError, describe, fieldErrors, isAbort } from "./errors";
export type { ServerEvent } from "./sse";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Options {
  body?: unknown;
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal | null;
}

/** A part of a list, and how many entries there are in all. */
export interface Page<T> {
  entries: T[];
  total: number;
}

interface ErrorBody {
  error?: {
    code?: string;
    message?: string;
    details?: { fields?: FieldProblem[]; setting?: string };
    request_id?: string;
    retry_after?: number;
  };
}

/** Whether the last request found the program: views say so where it did not. */
export const online = signal(true);
/** Called when the program does not know who asks any more. */
let onSignedOut: () => void = () => undefined;

/** Say what happens when the session has ended. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

/** Send a request; return the answer's JSON. Throws ApiError or OfflineError. */
export async function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  const text = await readText(response);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Send a request for a list; return its entries and their total. */
export async function requestPage<T>(path: string, options: Options = {}): Promise<Page<T>> {
  const response = await send("GET", path, options);
  const entries = JSON.parse(await readText(response)) as T[];
  return { entries, total: Number(response.headers.get("X-Total-Count") ?? entries.length) };
}

/** Send a request; return the answer itself, which is a good one. */
export async function send(method: Method, path: string, options: Options = {}): Promise<Response> {
  const { body, query, headers = {}, signal: stopped = null } = options;
  const raw = body instanceof Blob || body instanceof FormData || typeof body === "string";
  let response: Response;
  try {
    response = await fetch(address(path, query), {
      method,
      signal: stopped,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        "Accept-Language": language.value,
        ...(body !== undefined && !raw && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    online.value = false;
    throw new OfflineError();
  }
  online.value = true;
  if (response.ok) return response;
  const error = await readError(response);
  if (error.status === 401) onSignedOut();
  throw error;
}

/** Send a request; return the events of its answer as they come. Throws as `request` does, also in the middle. */
export async function* stream(method: Method, path: string, options: Options = {}): AsyncGenerator<ServerEvent> {
  const headers = { Accept: "text/event-stream", ...options.headers };
  const response = await send(method, path, { ...options, headers });
  yield* eventsOf(response);
}

/** Return the events of an answer that `send` gave. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  try {
    yield* readEvents(response.body);
  } catch (error) {
    if (isAbort(error) || error instanceof SyntaxError) throw error;
    throw new OfflineError();
  }
}

/** Save what a path answers as a file of the person's. */
export async function download(path: string, name: string, options: Options = {}): Promise<void> {
  const response = await send("GET", path, options);
  save(await response.blob(), name);
}

/** Save bytes as a file of the person's. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new OfflineError();
  }
}

async function readError(response: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // A proxy's own page, for example: the status has to do.
  }
  const { code = "", message, details, request_id: id = null, retry_after: after = null } = body.error ?? {};
  const fields = details?.fields ?? [];
  const text = message ?? `${response.status} ${response.statusText}`;
  return new ApiError(response.status, code, text, fields, id, after, details?.setting ?? null);
}
