/** What is shown before anybody is signed in: who is there, or that the program is away. */

import { useEffect } from "preact/hooks";
import { online, request } from "../api/client";
import { ErrorLine } from "../components/ErrorLine";
import { t } from "../text/t";
import { LoginForm } from "../views/signin/LoginForm";
import { startSession } from "./session";

function look(): void {
  const wasAway = !online.value;
  request("GET", "/health").then(
    () => (wasAway ? startSession() : undefined),
    () => undefined,
  );
}

export function SignedOut() {
  useEffect(() => {
    look();
    window.addEventListener("online", look);
    return () => window.removeEventListener("online", look);
  }, []);
  if (online.value) return <LoginForm />;
  return (
    <main class="page narrow">
      <p class="brand">PiSovereign</p>
      <h1>{t("app.away")}</h1>
      <ErrorLine error={t("common.offline")} onRetry={look} />
    </main>
  );
}
