/** What the program is connected to (`/v1/connections`). */

import { request } from "./client";

export interface Choice {
  value: string;
  label: string;
}

export type FieldType = "text" | "secret" | "number" | "decimal" | "choice" | "choices" | "switch" | "names" | "senders" | "file";

/** A field of a form, as the program describes it. */
export interface FormField {
  name: string;
  type: FieldType;
  label: string;
  help: string;
  required: boolean;
  advanced: boolean;
  generated: boolean;
  placeholder: string;
  /** Of `senders`: the field of each that says what they are known by. */
  address: string;
  choices: Choice[];
}

/** Somebody who may write. */
export interface Sender {
  user_id: string;
  approve: boolean;
  [address: string]: string | boolean;
}

export type Value = string | number | boolean | null | string[] | Sender[];
export type Values = Record<string, Value>;

export interface Provider {
  id: string;
  name: string;
  domains: string[];
  values: Values;
  hint: string;
  link: string;
  usable: boolean;
}

export interface ConnectionState {
  status: "not_set_up" | "works" | "fails" | "unreadable";
  since: string | null;
  error: string | null;
}

export interface Connection {
  kind: string;
  title: string;
  description: string;
  personal: boolean;
  source: "none" | "saved" | "configuration";
  editable: boolean;
  state: ConnectionState;
}

export interface Form extends Connection {
  fields: FormField[];
  values: Values;
  secrets: Record<string, boolean>;
  providers: Provider[];
  reason: string;
  webhook: string;
  updated_at: string | null;
}

export interface Step {
  name: string;
  title: string;
  server: string;
  status: "done" | "failed" | "skipped";
  detail: string;
  took_ms: number | null;
}

export interface TestResult {
  status: "works" | "fails";
  detail: string;
  steps: Step[];
}

/** A group of settings with its form. */
export type SettingsForm = Omit<Form, "state" | "providers" | "webhook">;

/** Load every connection there may be. */
export async function loadConnections(signal: AbortSignal): Promise<Connection[]> {
  return (await request<{ connections: Connection[] }>("GET", "/v1/connections", { signal })).connections;
}

/** Load a connection with its form. */
export function loadForm(kind: string, signal: AbortSignal): Promise<Form> {
  return request("GET", path(kind), { signal });
}

/** Save a connection, which is used from then on. */
export function saveConnection(kind: string, values: Values): Promise<Form> {
  return request("PUT", path(kind), { body: { values } });
}

/** Remove what was saved of a connection. */
export function removeConnection(kind: string): Promise<void> {
  return request("DELETE", path(kind));
}

/** Try what a form holds, or without values what is set up. */
export function testConnection(kind: string, values: Values | null): Promise<TestResult> {
  return request("POST", `${path(kind)}/test`, { body: values === null ? {} : { values } });
}

/** Load the settings that can be changed without a restart. */
export async function loadSettings(signal: AbortSignal): Promise<SettingsForm[]> {
  return (await request<{ settings: SettingsForm[] }>("GET", "/v1/settings", { signal })).settings;
}

/** Save a group of settings, which hold from then on. */
export function saveSettings(kind: string, values: Values): Promise<SettingsForm> {
  return request("PUT", `/v1/settings/${encodeURIComponent(kind)}`, { body: { values } });
}

/** Go back to the usual settings. */
export function removeSettings(kind: string): Promise<void> {
  return request("DELETE", `/v1/settings/${encodeURIComponent(kind)}`);
}

function path(kind: string): string {
  return `/v1/connections/${encodeURIComponent(kind)}`;
}
