/** Reminders, alarms and timers: one kind of thing, told when its time has come. */

import { request, requestPage, type Page, type Query } from "./client";

export type ReminderKind = "reminder" | "alarm" | "timer";
export type Repeat = "daily" | "weekdays" | "weekends" | "weekly" | "monthly" | "yearly";
export const REPEATS: readonly Repeat[] = ["daily", "weekdays", "weekends", "weekly", "monthly", "yearly"];

export interface Reminder {
  id: string;
  kind: ReminderKind;
  title: string;
  status: "scheduled" | "due" | "done";
  remind_at: string;
  due_at: string | null;
  snoozes: number;
  snoozes_left: number;
  sound: boolean;
  repeat: Repeat | null;
  series_id: string | null;
  /** Seconds that a timer still runs, by the program's clock. */
  remaining_s: number | null;
  error?: string;
}

export interface NewReminder {
  title: string;
  remind_at: string;
  kind?: ReminderKind;
  repeat?: Repeat | null;
  sound?: boolean;
}

export interface ReminderPatch {
  title?: string;
  remind_at?: string;
  sound?: boolean;
}

const PATH = "/v1/reminders";

export function listReminders(query: Query, signal?: AbortSignal): Promise<Page<Reminder>> {
  return requestPage<Reminder>(PATH, { query, signal: signal ?? null });
}

export function createReminder(body: NewReminder): Promise<Reminder> {
  return request("POST", PATH, { body });
}

export function changeReminder(id: string, body: ReminderPatch): Promise<Reminder> {
  return request("PATCH", `${PATH}/${id}`, { body });
}

export function deleteReminder(id: string): Promise<void> {
  return request("DELETE", `${PATH}/${id}`);
}

export function finishReminder(id: string): Promise<Reminder> {
  return request("POST", `${PATH}/${id}/done`);
}

export function snoozeReminder(id: string, minutes: number): Promise<Reminder> {
  return request("POST", `${PATH}/${id}/snooze`, { body: { minutes } });
}
