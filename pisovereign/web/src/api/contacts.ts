/** People in the address books of the calendar's server. */

import { request } from "./client";

export interface ContactValue {
  value: string;
  label?: string;
}

export interface Contact {
  id: string;
  name: string;
  nickname?: string;
  organization?: string;
  emails?: ContactValue[];
  phones?: ContactValue[];
  addresses?: ContactValue[];
  /** `1980-05-17`, or `--05-17` where the year is not known. */
  birthday?: string;
  book?: string;
}

export interface ContactPage {
  contacts: Contact[];
  total: number;
}

export function searchContacts(q: string, limit: number, signal?: AbortSignal): Promise<ContactPage> {
  return request("GET", "/v1/contacts", { query: { q, limit }, signal: signal ?? null });
}
