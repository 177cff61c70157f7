/** What can go wrong with a request. */

import { t } from "../text/t";

export interface FieldProblem {
  field: string;
  error: string;
}

/** The program answered that it did not do it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly requestId: string | null = null,
    readonly retryAfterS: number | null = null,
    /** What has to be set up first. */
    readonly setting: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** There was no answer: the device is away, restarting, or the network is. */
export class OfflineError extends Error {
  constructor() {
    super("offline");
    this.name = "OfflineError";
  }
}

/** Return whether an error only says that somebody stopped waiting. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Return what to say about an error: the program's own message, and the first field that it names. */
export function describe(error: unknown): string {
  if (error instanceof OfflineError) return t("common.offline");
  if (error instanceof ApiError) {
    const first = error.fields[0];
    if (error.status === 401) return t("common.signed_out");
    return first && !error.message.includes(first.field)
      ? `${error.message}: ${first.field}: ${first.error}`
      : error.message;
  }
  return error instanceof Error && error.message ? error.message : t("common.unexpected");
}

/** Return what is wrong with each field, by its name, for a form. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map(({ field, error: text }) => [field, text]));
}
