/** Who is signed in, on which devices, other people, and keys of programs. */

import { request } from "./client";

export type Scope = "user" | "approve" | "admin";
export type Role = "owner" | "member" | "restricted";
export type State = "invited" | "active" | "disabled";
export type Theme = "system" | "light" | "dark";

/** Who is signed in; empty language and zone: those of the program. */
export interface Me {
  user_id: string;
  name: string;
  role: Role | null;
  scopes: Scope[];
  /** They stand in config.toml, which the page cannot change. */
  configured: boolean;
  session: string | null;
  language: string;
  time_zone: string;
  theme: Theme;
}

export interface SignedIn extends Me {
  /** Somebody who was invited is here for the first time. */
  joined: boolean;
}

export interface Device {
  id: string;
  device: string;
  network: string;
  made_with: "key" | "code" | "passkey";
  current: boolean;
  created_at: string;
  used_at: string;
  expires_at: string;
}

export interface SignInCode {
  code: string;
  link: string;
  /** The link as an image, in an address of its own. */
  qr: string;
  reach: "network" | "this_device";
  expires_at: string;
}

export interface Person {
  id: string;
  name: string;
  role: Role | null;
  state: State;
  configured: boolean;
  joined_at: string | null;
}

export interface Invited {
  person: Person;
  invitation: SignInCode;
}

export interface ApiKey {
  id: string | null;
  name: string;
  scopes: Scope[];
  configured: boolean;
  created_at: string | null;
  expires_at: string | null;
  used_at: string | null;
}

export interface CreatedApiKey extends ApiKey {
  key: string;
}

/** What a person keeps, without files of documents, in bytes; a limit of 0: there is none. */
export interface StorageUse {
  used_bytes: number;
  limit_bytes: number;
}

export interface ProfilePatch {
  name?: string;
  language?: string;
  time_zone?: string;
  theme?: Theme;
}

/** What this browser knows of a person who has chosen nothing yet. */
export function fromBrowser(): { language: string; time_zone: string } {
  return { language: navigator.language, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

export function signInWith(shown: { key: string } | { code: string }): Promise<SignedIn> {
  return request("POST", "/v1/sign-in", { body: { ...shown, ...fromBrowser() } });
}

export function whoAmI(): Promise<Me> {
  return request("GET", "/v1/session");
}

export function endSession(): Promise<void> {
  return request("DELETE", "/v1/session");
}

export function changeProfile(patch: ProfilePatch): Promise<unknown> {
  return request("PATCH", "/v1/profile", { body: patch });
}

export function loadStorageUse(signal?: AbortSignal): Promise<StorageUse> {
  return request("GET", "/v1/profile/storage", { signal: signal ?? null });
}

export function listDevices(signal?: AbortSignal): Promise<Device[]> {
  return request("GET", "/v1/sessions", { signal: signal ?? null });
}

export function endDevice(id: string): Promise<void> {
  return request("DELETE", `/v1/sessions/${id}`);
}

export function endOtherDevices(): Promise<void> {
  return request("DELETE", "/v1/sessions");
}

export function createSignInCode(): Promise<SignInCode> {
  return request("POST", "/v1/sign-in-codes");
}

export function listPeople(signal?: AbortSignal): Promise<Person[]> {
  return request("GET", "/v1/people", { signal: signal ?? null });
}

export function invitePerson(name: string, role: Role): Promise<Invited> {
  return request("POST", "/v1/people", { body: { name, role } });
}

export function inviteAgain(id: string): Promise<Invited> {
  return request("POST", `/v1/people/${id}/invitation`);
}

export function changePerson(id: string, patch: { role?: Role; state?: "active" | "disabled" }): Promise<Person> {
  return request("PATCH", `/v1/people/${id}`, { body: patch });
}

export function erasePerson(id: string): Promise<void> {
  return request("DELETE", `/v1/people/${id}`, { query: { confirm: "erase" } });
}

export function listKeys(signal?: AbortSignal): Promise<ApiKey[]> {
  return request("GET", "/v1/api-keys", { signal: signal ?? null });
}

export function createKey(name: string, scopes: Scope[], days: number | null): Promise<CreatedApiKey> {
  return request("POST", "/v1/api-keys", { body: { name, scopes, expires_in_days: days } });
}

export function revokeKey(id: string): Promise<void> {
  return request("DELETE", `/v1/api-keys/${id}`);
}
