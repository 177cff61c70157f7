/** What waits for a decision, and what was decided (docs/api.md, "Approvals"). */

import { request, requestPage, type Page } from "./client";

export type ApprovalStatus = "pending" | "approved" | "executed" | "denied" | "cancelled" | "expired" | "failed";

/** One argument of what is carried out; nothing hides in its text. */
export interface ApprovalLine {
  name: string;
  label: string;
  text: string;
}

export interface Approval {
  id: string;
  kind: string;
  title: string;
  /** Exactly what is carried out. */
  details: unknown;
  lines: ApprovalLine[];
  status: ApprovalStatus;
  requested_by: string;
  created_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  finished_at: string | null;
  result: unknown;
  reason: string | null;
  /** Its stored text cannot be opened; it can only be denied. */
  error?: string;
}

export interface ApprovalQuery {
  status?: ApprovalStatus | "decided";
  limit?: number;
  offset?: number;
}

const PATH = "/v1/approvals";
const SUPERVISED = "/v1/supervised-approvals";

export function listApprovals(query: ApprovalQuery, signal?: AbortSignal): Promise<Page<Approval>> {
  return requestPage<Approval>(PATH, { query: { ...query }, signal: signal ?? null });
}

export function getApproval(id: string, signal?: AbortSignal): Promise<Approval> {
  return request<Approval>("GET", `${PATH}/${encodeURIComponent(id)}`, { signal: signal ?? null });
}

/** Approve, wait until it is carried out, and return what came of it. */
export function approve(id: string): Promise<Approval> {
  return request<Approval>("POST", `${PATH}/${encodeURIComponent(id)}/approve`);
}

export function deny(id: string, reason: string): Promise<Approval> {
  const body = reason.trim() ? { reason: reason.trim() } : {};
  return request<Approval>("POST", `${PATH}/${encodeURIComponent(id)}/deny`, { body });
}

/** What somebody asked for who may not decide. */
export interface SupervisedApproval {
  person_id: string;
  person: string;
  approval: Approval;
}

export function listSupervised(signal?: AbortSignal): Promise<SupervisedApproval[]> {
  return request<SupervisedApproval[]>("GET", SUPERVISED, { query: { limit: 100 }, signal: signal ?? null });
}

/** Decide for somebody who may not, and return what came of it. */
export async function decideFor(waiting: SupervisedApproval, decision: "approve" | "deny"): Promise<Approval> {
  const { person_id: person, approval } = waiting;
  const path = `${SUPERVISED}/${encodeURIComponent(person)}/${encodeURIComponent(approval.id)}/${decision}`;
  return (await request<SupervisedApproval>("POST", path)).approval;
}

/** Withdraw what was asked for. */
export function withdraw(id: string): Promise<Approval> {
  return request<Approval>("POST", `${PATH}/${encodeURIComponent(id)}/cancel`);
}
