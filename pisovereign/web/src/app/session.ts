/** Who is signed in. The browser keeps a cookie that no script reads; a key is kept nowhere. */

import { effect, signal } from "@preact/signals";
import { changeProfile, endSession, signInWith, whoAmI, type Me, type SignedIn } from "../api/accounts";
import { ApiError } from "../api/client";
import { language, languages, setLanguage } from "../text/t";
import { forgetDrafts, keepDraftsOf } from "../views/chat/drafts";
import { forgetPush } from "./push";
import { setTheme, theme } from "./theme";

export type Session = Me;

/** Undefined: not known yet; null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);

/** Find out whether somebody is signed in already. */
export async function startSession(): Promise<void> {
  try {
    await begin(await whoAmI());
  } catch (error) {
    // Without an answer it is not known: the form says so when it is used.
    if (!(error instanceof ApiError) || error.status !== 401) console.warn(String(error));
    session.value = null;
  }
}

/** Sign in with a key or a one-time code; throws what the program says if it does not take it. */
export async function signIn(shown: { key: string } | { code: string }): Promise<SignedIn> {
  const signedIn = await signInWith(shown);
  await begin(signedIn);
  return signedIn;
}

/** Show the page of somebody who signed in, in their language. */
export async function begin(me: Session): Promise<void> {
  if (me.language && me.language !== language.value && languages().some(({ code }) => code === me.language)) {
    await setLanguage(me.language);
  }
  if (me.theme !== "system") setTheme(me.theme);
  keepDraftsOf(me.user_id);
  session.value = { ...me, language: language.value, theme: theme.value };
}

/** End the session, and forget what was written here. */
export async function signOut(): Promise<void> {
  await forgetPush();
  try {
    await endSession();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  forgetDrafts();
  session.value = null;
}

/** Return whether the session may do what needs a scope. */
export function may(scope: string): boolean {
  return session.value?.scopes.some((each) => each === scope) ?? false;
}

// What is chosen on one device holds on the others.
effect(() => {
  const [chosen, look] = [language.value, theme.value];
  const me = session.peek();
  if (!me || (me.language === chosen && me.theme === look)) return;
  session.value = { ...me, language: chosen, theme: look };
  changeProfile({ language: chosen, theme: look }).catch((error: unknown) => console.warn(String(error)));
});
