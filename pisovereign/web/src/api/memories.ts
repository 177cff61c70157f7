/** What is remembered (docs/api.md, "Memory"). */

import { request, requestPage, type Page } from "./client";

export const KINDS = ["fact", "preference", "correction", "context", "tool_result"] as const;
export type Kind = (typeof KINDS)[number];

export interface Memory {
  id: string;
  content: string;
  summary: string;
  /** As the API spells it: "Tool Result". */
  memory_type: string;
  importance: number;
  access_count: number;
  tags: string[];
  created_at: string;
  updated_at: string;
  superseded_by?: string;
  error?: string;
  /** Of a search: the cosine with what was looked for. */
  similarity?: number | null;
}

export interface MemorySource {
  origin: "said" | "asked" | "added" | "imported";
  at: string;
  sentence: string | null;
  conversation_id: string | null;
  message_id: string | null;
}

export interface MemoryOrigin {
  given_importance: number;
  importance: number;
  used_at: string;
  access_count: number;
  sources: MemorySource[];
}

export interface MemoryDraft {
  content: string;
  summary?: string;
  memory_type?: string;
  importance?: number;
  tags?: string[];
}

const PATH = "/v1/memories";
const SUMMARY_CHARACTERS = 200;
const FOUND = 50;
export const MOST_AT_ONCE = 200;

/** Return the kind of a memory as requests and texts name it. */
export function kindOf(memory: Memory): Kind {
  return memory.memory_type.toLowerCase().replace(" ", "_") as Kind;
}

export function listMemories(kind: string, limit: number, offset: number, signal?: AbortSignal): Promise<Page<Memory>> {
  return requestPage<Memory>(PATH, { query: { memory_type: kind, limit, offset }, signal: signal ?? null });
}

export async function searchMemories(q: string, kind: string, signal?: AbortSignal): Promise<Page<Memory>> {
  const query = { q, memory_type: kind, limit: FOUND };
  const entries = await request<Memory[]>("GET", `${PATH}/search`, { query, signal: signal ?? null });
  return { entries, total: entries.length };
}

export function addMemory(draft: MemoryDraft): Promise<Memory & { merged: boolean }> {
  return request("POST", PATH, { body: { ...draft, summary: summaryOf(draft.content) } });
}

export function changeMemory(id: string, draft: MemoryDraft): Promise<Memory> {
  return request("PATCH", `${PATH}/${id}`, { body: { ...draft, summary: summaryOf(draft.content) } });
}

export function memoryOrigin(id: string, signal?: AbortSignal): Promise<MemoryOrigin> {
  return request("GET", `${PATH}/${id}/origin`, { signal: signal ?? null });
}

/** Forget exactly these; return how many of them there were. */
export async function forgetMemories(ids: readonly string[]): Promise<number> {
  let deleted = 0;
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    const body = { ids: ids.slice(at, at + MOST_AT_ONCE) };
    deleted += (await request<{ deleted: number }>("POST", `${PATH}/forget`, { body })).deleted;
  }
  return deleted;
}

export function forgetEverything(): Promise<{ deleted: number }> {
  return request("DELETE", PATH, { query: { confirm: "all" } });
}

/** Remember the lines of an export; `told` hears of each part that is stored. */
export async function importMemories(text: string, told: (count: number) => void): Promise<{ added: number; merged: number }> {
  const drafts = text.split("\n").filter((line) => line.trim()).map(readLine);
  const sum = { added: 0, merged: 0 };
  const step = 50;
  for (let at = 0; at < drafts.length; at += step) {
    const body = { memories: drafts.slice(at, at + step) };
    const { added, merged } = await request<{ added: number; merged: number }>("POST", `${PATH}/import`, { body });
    sum.added += added;
    sum.merged += merged;
    told(sum.added + sum.merged);
  }
  return sum;
}

// Ids, times and counts are those of where it was exported.
function readLine(line: string): MemoryDraft {
  const { content, summary, memory_type, importance, tags } = JSON.parse(line) as Memory;
  return { content, summary, memory_type, importance, tags };
}

function summaryOf(content: string): string {
  return content.trim().slice(0, SUMMARY_CHARACTERS);
}
