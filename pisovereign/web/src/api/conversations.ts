/** Stored conversations (docs/api.md, "Chat"). */

import { request, save, send } from "./client";
import type { ConversationSummary, SearchResult, StoredMessage } from "./chatTypes";

/** A part of a list, and the cursor of what follows; null: nothing does. */
export interface CursorPage<T> {
  entries: T[];
  next: string | null;
}

const PATH = "/v1/conversations";

function at(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

async function page<T>(path: string, limit: number, cursor: string | null, signal?: AbortSignal): Promise<CursorPage<T>> {
  const answer = await send("GET", path, { query: { limit, cursor }, signal: signal ?? null });
  return { entries: (await answer.json()) as T[], next: answer.headers.get("X-Next-Cursor") };
}

/** Return conversations: those that are pinned, then the others, the latest first. */
export function listConversations(cursor: string | null, signal?: AbortSignal): Promise<CursorPage<ConversationSummary>> {
  return page(PATH, 40, cursor, signal);
}

/** Return the last messages, the oldest of them first, or those before them. */
export function listMessages(id: string, cursor: string | null, signal?: AbortSignal): Promise<CursorPage<StoredMessage>> {
  return page(`${at(id)}/messages`, 50, cursor, signal);
}

export interface ConversationChange {
  /** Null: its first message is its title. */
  title?: string | null;
  pinned?: boolean;
}

export function changeConversation(id: string, change: ConversationChange): Promise<ConversationSummary> {
  return request<ConversationSummary>("PATCH", at(id), { body: change });
}

export function deleteConversation(id: string): Promise<void> {
  return request<void>("DELETE", at(id));
}

/** Return the conversations that have all words of `query`; with a cursor, further ones. */
export function searchMessages(query: string, cursor: string | null, signal?: AbortSignal): Promise<SearchResult> {
  const body = { query, ...(cursor !== null && { cursor }) };
  return request<SearchResult>("POST", "/v1/messages/search", { body, signal: signal ?? null });
}

/** Save a conversation as a file: to be read by people, or by programs. */
export async function exportConversation({ id, title }: ConversationSummary, format: "md" | "json"): Promise<void> {
  const answer = await send("GET", format === "md" ? `${at(id)}/markdown` : at(id));
  const name = title.replace(/[^\p{L}\p{N} _-]+/gu, " ").trim().slice(0, 60) || "chat";
  save(await answer.blob(), `${name}.${format}`);
}
