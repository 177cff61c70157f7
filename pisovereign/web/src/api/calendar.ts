/** Events of the calendar; on a server every change waits for an approval, here it is made at once. */

import { request } from "./client";

export interface CalendarEvent {
  /** Its start on the person's clock; null: it takes whole days. */
  time: string | null;
  title: string;
  start: string;
  end: string;
  all_day: boolean;
  location: string | null;
  calendar: string | null;
  /** Null for what recurs: it is changed in a calendar program. */
  id: string | null;
}

export interface Events {
  start: string;
  end: string;
  events: CalendarEvent[];
}

export interface EventFields {
  title: string;
  start: string;
  end: string;
  location?: string;
}

/** What waits for an approval now. */
export interface Asked {
  approval_id: string;
  expires_at: string;
}

/** What came of a change: it was made, or waits. */
export type Outcome = Asked | { status: "completed" };

/** Return whether a change waits for an approval now. */
export function waits(outcome: Outcome): outcome is Asked {
  return "approval_id" in outcome;
}

const PATH = "/v1/calendar/events";

export function listEvents(start: Date, days: number, signal?: AbortSignal): Promise<Events> {
  return request("GET", PATH, { query: { start: start.toISOString(), days }, signal: signal ?? null });
}

export function createEvent(body: EventFields): Promise<Outcome> {
  return request("POST", PATH, { body });
}

export function changeEvent(id: string, body: Partial<EventFields>): Promise<Outcome> {
  return request("PATCH", `${PATH}/${encodeURIComponent(id)}`, { body });
}

export function deleteEvent(id: string): Promise<Outcome> {
  return request("DELETE", `${PATH}/${encodeURIComponent(id)}`);
}
