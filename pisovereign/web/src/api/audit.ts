/** The log of what was asked for, decided and done (docs/api.md, "Audit"). */

import { request, requestPage, type Page } from "./client";

export const EVENTS = ["requested", "approved", "returned", "denied", "cancelled", "expired", "executed", "failed", "ran", "signed_in", "signed_out", "created", "changed", "removed"] as const;

export interface AuditEntry {
  seq: number;
  at: string;
  event: string;
  kind: string;
  subject: string;
  actor: string;
  scopes: string[];
  what: string;
  error?: string;
}

export interface AuditQuery {
  event?: string;
  actor?: string;
  since?: string;
  until?: string;
  limit: number;
}

export interface Verification {
  intact: boolean;
  entries: number;
  /** Names the newest entry: kept elsewhere, it shows later that nothing before it was lost. */
  head: string;
  broken: number | null;
  problem: string | null;
  /** The oldest entries, which were deleted because of their age. */
  pruned: { entries: number; first_at: string; last_at: string } | null;
  /** Whether the mark that was given is there, or of an entry that was deleted. */
  noted: "found" | "pruned" | null;
}

export function listAudit(query: AuditQuery, signal?: AbortSignal): Promise<Page<AuditEntry>> {
  return requestPage<AuditEntry>("/v1/audit", { query: { ...query }, signal: signal ?? null });
}

export function verifyAudit(head: string): Promise<Verification> {
  return request<Verification>("GET", "/v1/audit/verify", { query: { head } });
}
