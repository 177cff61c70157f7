/** Signs in with a passkey of this device. */

import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { signInWithPasskey } from "../../api/passkeys";
import { begin } from "../../app/session";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { t } from "../../text/t";

export function PasskeyButton() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = async () => {
    setBusy(true);
    setError(null);
    try {
      await begin(await signInWithPasskey());
    } catch (problem) {
      // Whoever closes the browser's window has seen that nothing came of it.
      if (problem instanceof ApiError) setError(problem.status === 401 ? t("signin.passkey_refused") : problem);
      else if (!(problem instanceof DOMException)) setError(problem);
      setBusy(false);
    }
  };
  return (
    <div class="login-form">
      <Button icon="key" busy={busy} onClick={() => void open()}>{t("signin.passkey")}</Button>
      <ErrorLine error={error} />
    </div>
  );
}
