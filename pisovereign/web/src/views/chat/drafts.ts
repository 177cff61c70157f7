/** What was written and not sent, by conversation, in this browser until somebody signs out. */

const PREFIX = "pisovereign-draft:";
const WRITER = "pisovereign-drafts-of";
const MOST = 30;

/** Return what was written into a conversation; null stands for a new one. */
export function draftOf(conversationId: string | null): string {
  try {
    return localStorage.getItem(PREFIX + (conversationId ?? "")) ?? "";
  } catch {
    return "";
  }
}

/** Keep what was written. */
export function keepDraft(conversationId: string | null, text: string): void {
  try {
    const name = PREFIX + (conversationId ?? "");
    if (!text.trim()) localStorage.removeItem(name);
    else if (kept().length < MOST || localStorage.getItem(name) !== null) localStorage.setItem(name, text);
  } catch {
    // A browser that keeps nothing keeps no drafts.
  }
}

/** Keep drafts for somebody who is signed in; those of somebody else, who did not sign out here, go. */
export function keepDraftsOf(person: string): void {
  try {
    if ((localStorage.getItem(WRITER) ?? person) !== person) forgetDrafts();
    localStorage.setItem(WRITER, person);
  } catch {
    // A browser that keeps nothing keeps no drafts.
  }
}

/** Forget all drafts: the next one to sign in is somebody else, perhaps. */
export function forgetDrafts(): void {
  try {
    for (const name of kept()) localStorage.removeItem(name);
  } catch {
    // Then there are none.
  }
}

function kept(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}
