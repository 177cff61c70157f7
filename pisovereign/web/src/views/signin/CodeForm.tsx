/** Signs in with a one-time code: one that is typed, or that of a link, after a look at it. */

import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { signIn } from "../../app/session";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { forgetLinkedCode } from "./linkedCode";

export function CodeForm({ code: linked }: { code: string }) {
  const [code, setCode] = useState(linked);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // A link alone signs nobody in: somebody else may have sent it, or look at it before.
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { joined, name } = await signIn({ code });
      forgetLinkedCode(joined ? "/settings" : "/");
      if (joined) toast(t("signin.welcome", { name }), { seconds: 12 });
    } catch (problem) {
      setError(problem instanceof ApiError && problem.status === 401 ? t("signin.code_refused") : problem);
      setBusy(false);
    }
  };
  return (
    <form class="login-form" onSubmit={(event) => void submit(event)}>
      <TextField
        label={t("signin.code")} hint={linked ? t("signin.link_hint") : t("signin.code_hint")} value={code}
        onInput={setCode} required maxLength={24} autoComplete="one-time-code" name="code"
      />
      <ErrorLine error={error} />
      <Button kind={linked ? "primary" : "secondary"} type="submit" busy={busy}>{t("signin.use_code")}</Button>
    </form>
  );
}
