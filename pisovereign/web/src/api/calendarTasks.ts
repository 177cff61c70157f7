/** To-dos of the calendar; on a server every change waits for an approval, here it is made at once. */

import type { Outcome } from "./calendar";
import { request } from "./client";

export interface CalendarTask {
  title: string;
  due: string | null;
  /** Any time of the day that it is due will do. */
  whole_day: boolean;
  done: boolean;
  list: string | null;
  /** Null for what recurs: it is completed in a program for tasks. */
  id: string | null;
}

const PATH = "/v1/tasks";

export async function listCalendarTasks(days: number | null, signal?: AbortSignal): Promise<CalendarTask[]> {
  const query = days === null ? {} : { days };
  const found = await request<{ tasks: CalendarTask[] }>("GET", PATH, { query, signal: signal ?? null });
  return found.tasks;
}

export function addCalendarTask(body: { title: string; due?: string; whole_day?: boolean }): Promise<Outcome> {
  return request("POST", PATH, { body });
}

export function completeCalendarTask(id: string): Promise<Outcome> {
  return request("PATCH", `${PATH}/${encodeURIComponent(id)}`, { body: { done: true } });
}
