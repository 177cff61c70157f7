/** Asks who is there: with a code of another device, a passkey, or a key. */

import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { knowsPasskeys } from "../../api/passkeys";
import { signIn } from "../../app/session";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { language, languages, setLanguage, t } from "../../text/t";
import { CodeForm } from "./CodeForm";
import { linkedCode } from "./linkedCode";
import { PasskeyButton } from "./PasskeyButton";

export function LoginForm() {
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn({ key: key.trim() });
    } catch (problem) {
      setError(problem instanceof ApiError && problem.status === 401 ? t("signin.refused") : problem);
      setBusy(false);
    }
  };
  return (
    <main class="page narrow">
      <p class="brand">PiSovereign</p>
      <h1>{t("signin.title")}</h1>
      <CodeForm code={linkedCode()} />
      {knowsPasskeys() && <PasskeyButton />}
      <form class="login-form" onSubmit={(event) => void submit(event)}>
        <TextField
          label={t("signin.key")} hint={t("signin.hint")} type="password" value={key} onInput={setKey} required
          maxLength={512} autoComplete="current-password" name="key"
        />
        <ErrorLine error={error} />
        <Button kind={linkedCode() ? "secondary" : "primary"} type="submit" busy={busy}>{t("signin.open")}</Button>
      </form>
      <select
        class="login-language" aria-label={t("navigation.language")} value={language.value}
        onChange={(event) => void setLanguage(event.currentTarget.value)}
      >
        {languages().map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
    </main>
  );
}
