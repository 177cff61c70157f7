/** Commands: what can be asked for by name, and what a sentence is read as. */

import { request } from "./client";

export interface CommandAnswer<T = unknown> {
  command: string;
  status: string;
  result: T;
  text: string;
}

/** A command as a sentence was read; which fields it has depends on its type. */
export interface ReadCommand {
  type: string;
  title?: string;
  label?: string | null;
  remind_at?: string;
  at?: string;
  seconds?: number;
  repeat?: string | null;
}

export interface Reading {
  parsed: boolean;
  command: ReadCommand | null;
  confidence: number;
  missing?: string[];
  unsupported?: string | null;
}

/** Carry a command out. */
export function runCommand<T>(command: string, args: unknown = {}, signal?: AbortSignal): Promise<CommandAnswer<T>> {
  return request("POST", "/v1/commands", { body: { command, args }, signal: signal ?? null });
}

/** Read a sentence without doing anything. */
export function readSentence(input: string): Promise<Reading> {
  return request("POST", "/v1/commands/parse", { body: { input } });
}
