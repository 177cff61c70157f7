/** Lists of things to buy, to do or to take along. */

import { request } from "./client";

export interface ListEntry {
  id: string;
  text: string;
  done: boolean;
  created_at: string;
  error?: string;
}

export interface ListSummary {
  id: string;
  name: string;
  key: string | null;
  items: number;
  open: number;
}

export interface UserList {
  id: string;
  name: string;
  key: string | null;
  items: ListEntry[];
}

const PATH = "/v1/lists";

export function listLists(signal?: AbortSignal): Promise<ListSummary[]> {
  return request("GET", PATH, { signal: signal ?? null });
}

export function getList(id: string, signal?: AbortSignal): Promise<UserList> {
  return request("GET", `${PATH}/${id}`, { signal: signal ?? null });
}

export function createList(name: string): Promise<UserList> {
  return request("POST", PATH, { body: { name } });
}

export function renameList(id: string, name: string): Promise<UserList> {
  return request("PATCH", `${PATH}/${id}`, { body: { name } });
}

export function deleteList(id: string): Promise<void> {
  return request("DELETE", `${PATH}/${id}`);
}

export function addItems(id: string, items: readonly string[]): Promise<UserList> {
  return request("POST", `${PATH}/${id}/items`, { body: { items } });
}

export function changeItem(list: string, item: string, body: { text?: string; done?: boolean }): Promise<ListEntry> {
  return request("PATCH", `${PATH}/${list}/items/${item}`, { body });
}

export function removeItem(list: string, item: string): Promise<void> {
  return request("DELETE", `${PATH}/${list}/items/${item}`);
}

export function orderItems(list: string, items: readonly string[]): Promise<UserList> {
  return request("POST", `${PATH}/${list}/order`, { body: { items } });
}

export function clearList(list: string, done: boolean): Promise<UserList> {
  return request("POST", `${PATH}/${list}/clear`, { body: { done } });
}
