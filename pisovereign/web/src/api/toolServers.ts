/** Servers of other programs whose tools a model may be offered (`/v1/mcp/servers`). */

import { request } from "./client";

export interface Folder {
  path: string;
  write: boolean;
}

export interface ToolServer {
  name: string;
  kind: "http" | "program";
  source: "saved" | "configuration";
  editable: boolean;
  url: string;
  command: string[];
  folders: Folder[];
  network: boolean;
  token_set: boolean;
  env_set: string[];
  state: { status: "unknown" | "works" | "fails" | "unreadable"; since: string | null; error: string | null };
  tools: number;
  allowed: number;
  changed: number;
}

export interface ToolServers {
  servers: ToolServer[];
  programs: boolean;
}

export interface Change {
  part: "description" | "input_schema" | "annotations";
  before: unknown;
  now: unknown;
}

export interface ServerTool {
  name: string;
  called: string;
  description: string;
  input_schema: Record<string, unknown>;
  annotations: Record<string, unknown>;
  reads_only: boolean;
  status: "new" | "allowed" | "changed" | "gone" | "unusable";
  direct: boolean;
  fingerprint: string;
  changes: Change[];
  reason: string;
}

export interface AllowedTool {
  name: string;
  fingerprint: string;
  direct: boolean;
}

/** Where a server is: an address, or a program. */
export interface Place {
  url?: string;
  token?: string;
  command?: string[];
  folders?: Folder[];
  network?: boolean;
}

export interface ServerTest {
  status: "works" | "fails";
  detail: string;
  tools: ServerTool[];
}

const path = (name: string, more = "") => `/v1/mcp/servers/${encodeURIComponent(name)}${more}`;

export function listToolServers(signal: AbortSignal): Promise<ToolServers> {
  return request("GET", "/v1/mcp/servers", { signal });
}

export function saveToolServer(name: string, place: Place): Promise<ToolServer> {
  return request("PUT", path(name), { body: place });
}

export function removeToolServer(name: string): Promise<void> {
  return request("DELETE", path(name));
}

export async function listServerTools(name: string, signal: AbortSignal): Promise<ServerTool[]> {
  return (await request<{ tools: ServerTool[] }>("GET", path(name, "/tools"), { signal })).tools;
}

/** Allow exactly these tools, as they were seen. */
export async function allowTools(name: string, allowed: AllowedTool[]): Promise<ServerTool[]> {
  return (await request<{ tools: ServerTool[] }>("PUT", path(name, "/tools"), { body: { allowed } })).tools;
}

/** Connect to a server and read its tools; none is called. */
export function testToolServer(name: string): Promise<ServerTest> {
  return request("POST", path(name, "/test"));
}
