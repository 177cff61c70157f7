/** Mails, read as text; what is written waits for an approval. */

import type { Asked } from "./calendar";
import { request } from "./client";

export interface MailHead {
  id: string;
  sender: string;
  subject: string;
  headline: string;
  received_at: string;
  unread: boolean;
  important: boolean;
  preview: string;
}

export interface Inbox {
  unread: number;
  important: number;
  mails: MailHead[];
}

export interface Mail {
  id: string;
  sender: string;
  subject: string;
  text: string;
  attachments: { name: string; kind: string; size: number | null }[];
  received_at: string;
  unread: boolean;
  is_cut: boolean;
}

export interface MailFields {
  to?: string;
  subject?: string;
  body: string;
  reply_to?: string;
}

export function listMails(limit: number, signal?: AbortSignal): Promise<Inbox> {
  return request("GET", "/v1/mails", { query: { limit }, signal: signal ?? null });
}

export function readMail(id: string, signal?: AbortSignal): Promise<Mail> {
  return request("GET", `/v1/mails/${encodeURIComponent(id)}`, { signal: signal ?? null });
}

export function draftMail(body: MailFields): Promise<Asked> {
  return request("POST", "/v1/mails/drafts", { body });
}

export function sendMail(body: MailFields): Promise<Asked> {
  return request("POST", "/v1/mails", { body });
}
