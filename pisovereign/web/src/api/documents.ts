/** Documents: files that are kept, read, found and cited. */

import { download, request, requestPage, type Page } from "./client";

export interface Document {
  id: string;
  name: string;
  title: string;
  format: string;
  media_type: string;
  size: number;
  pages: number;
  passages: number;
  /** How many passages every model has read. */
  read: number;
  state: "waiting" | "indexing" | "ready" | "failed";
  created_at: string;
  error?: string;
}

export interface Passage {
  id: string;
  document_id: string;
  place: number;
  page: number;
  headings: string[];
  text: string;
}

export interface FoundPassage extends Passage {
  document: string;
  score: number;
  similarity: number | null;
}

export interface DocumentUsage {
  documents: number;
  bytes: number;
  passages: number;
  most_bytes: number;
  most_passages: number;
  most_file_bytes: number;
}

const PATH = "/v1/documents";
export const ACCEPTED = ".txt,.md,.markdown,.pdf,.docx,.odt,.html,.htm,.eml,.ics,text/plain";
const FOUND = 20;

export function listDocuments(limit: number, signal?: AbortSignal): Promise<Page<Document>> {
  return requestPage(PATH, { query: { limit }, signal: signal ?? null });
}

export function documentUsage(signal?: AbortSignal): Promise<DocumentUsage> {
  return request("GET", `${PATH}/usage`, { signal: signal ?? null });
}

export function addDocument(file: File): Promise<Document> {
  return request("POST", PATH, {
    query: { name: file.name }, body: file, headers: { "Content-Type": "application/octet-stream" },
  });
}

export function getDocument(id: string, signal?: AbortSignal): Promise<Document> {
  return request("GET", `${PATH}/${encodeURIComponent(id)}`, { signal: signal ?? null });
}

export function listPassages(id: string, limit: number, offset: number, signal?: AbortSignal): Promise<Page<Passage>> {
  return requestPage(`${PATH}/${encodeURIComponent(id)}/passages`, { query: { limit, offset }, signal: signal ?? null });
}

export function searchDocuments(q: string, signal?: AbortSignal): Promise<FoundPassage[]> {
  return request("GET", `${PATH}/search`, { query: { q, limit: FOUND }, signal: signal ?? null });
}

export function deleteDocument(id: string): Promise<void> {
  return request("DELETE", `${PATH}/${id}`);
}

export function reindexDocument(id: string): Promise<Document> {
  return request("POST", `${PATH}/${id}/reindex`);
}

export function downloadDocument({ id, name }: Document): Promise<void> {
  return download(`${PATH}/${id}/content`, name);
}

/** Where the page shows a document's text, at a passage if one is named. */
export function documentLink(document: string, passage?: string): string {
  const query = new URLSearchParams({ document, ...(passage && { passage }) });
  return `/documents?${query.toString()}`;
}
