/** Commands of the device that may be run (docs/api.md, "Catalog"). */

import type { Execution } from "../components/CommandOutput";
import { request, requestPage, type Page } from "./client";

export type RiskLevel = "safe" | "moderate" | "dangerous";

/** A value that a command needs; `bound` narrows its type: a range, or a folder. */
export interface Argument {
  name: string;
  type: "hostname" | "ip" | "address" | "int" | "unit" | "path" | "word" | string;
  bound?: string;
}

export interface CatalogCommand {
  id: string;
  name: string;
  description: string;
  command: string;
  category: string;
  risk_level: RiskLevel;
  os: string;
  requires_approval: boolean;
  network: boolean;
  /** Whether its program and words are known ones; if not, it sees of people's folders only `folders`. */
  listed: boolean;
  folders: string[];
  arguments: Argument[];
  /** Added by this person, and not one that everybody has. */
  own: boolean;
  created_at: string;
  updated_at: string;
}

export interface CommandDraft {
  name: string;
  description: string;
  command: string;
  category: string;
  risk_level: RiskLevel;
  requires_approval: boolean;
  network: boolean;
  folders: string[];
}

export interface PendingRun {
  status: "pending_approval";
  approval_id: string;
  expires_at: string;
  argv: string[];
}

const PATH = "/v1/commands/catalog";
const MOST = 500;

export function listCatalog(q: string, signal?: AbortSignal): Promise<Page<CatalogCommand>> {
  const path = q ? `${PATH}/search` : PATH;
  return requestPage<CatalogCommand>(path, { query: { q, limit: MOST }, signal: signal ?? null });
}

/** Run a command; one that has to be approved first waits then. Aborting ends it. */
export function runCommand(id: string, values: Record<string, string>, signal: AbortSignal): Promise<Execution | PendingRun> {
  const body = { arguments: values };
  return request<Execution | PendingRun>("POST", `${PATH}/${encodeURIComponent(id)}/execute`, { body, signal });
}

export function addCommand(draft: CommandDraft): Promise<CatalogCommand> {
  return request<CatalogCommand>("POST", PATH, { body: draft });
}

export function deleteCommand(id: string): Promise<void> {
  return request<void>("DELETE", `${PATH}/${encodeURIComponent(id)}`);
}

/** Put another command in the place of one: commands are never changed, so that what was looked at is what runs. */
export async function replaceCommand(id: string, draft: CommandDraft): Promise<CatalogCommand> {
  const added = await addCommand(draft);
  await deleteCommand(id);
  return added;
}
