/** Who is signed in. The key is in memory only: it is gone with the page. */

import { signal } from "@preact/signals";
import { forgetDrafts } from "../views/chat/drafts";
import { ApiError, request, setKey } from "../api/client";

export interface Session {
  /** What this session may do; null: not known, so everything is offered and the program decides. */
  scopes: readonly string[] | null;
}

/** Undefined: not known yet; null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);

/** Find out whether somebody is signed in already. */
export async function startSession(): Promise<void> {
  session.value = null;
}

/** Sign in with a key; throws what the program says if it does not take it. */
export async function signIn(key: string): Promise<void> {
  setKey(key);
  try {
    await request("GET", "/v1/reminders", { query: { limit: 1 } });
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) {
      // The key is known, it only may not do that.
    } else {
      setKey("");
      throw error;
    }
  }
  session.value = { scopes: null };
}

/** Forget who was signed in. */
export async function signOut(): Promise<void> {
  setKey("");
  forgetDrafts();
  session.value = null;
}

/** Return whether the session may do what needs a scope. */
export function may(scope: string): boolean {
  const scopes = session.value?.scopes;
  return session.value != null && (scopes == null || scopes.includes(scope));
}
