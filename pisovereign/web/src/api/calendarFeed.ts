/** The secret address that calendar programs read events and tasks from. */

import { request } from "./client";

export interface CalendarFeed {
  /** Null: there is no address. */
  made_at: string | null;
}

const PATH = "/v1/calendar/feed";

export function getCalendarFeed(signal?: AbortSignal): Promise<CalendarFeed> {
  return request("GET", PATH, { signal: signal ?? null });
}

/** Make an address, which ends an earlier one; it is shown this once. */
export async function makeCalendarFeed(): Promise<string> {
  const { path } = await request<{ path: string }>("POST", PATH);
  return `${location.origin}${path}`;
}

export function removeCalendarFeed(): Promise<void> {
  return request("DELETE", PATH);
}
