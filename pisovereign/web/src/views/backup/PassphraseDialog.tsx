/** Asks for the passphrase of a backup, for something that is done with it. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

interface Props {
  title: string;
  action: string;
  danger?: boolean;
  /** What has to be so before it may be done. */
  ready?: boolean;
  children?: ComponentChildren;
  onPassphrase: (passphrase: string) => Promise<void>;
  onClose: () => void;
}

export function PassphraseDialog({ title, action, danger = false, ready = true, children, onPassphrase, onClose }: Props) {
  const [passphrase, setPassphrase] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = fieldErrors(error).passphrase && t("backup.wrong_passphrase");
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onPassphrase(passphrase);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        {children}
        <TextField
          label={t("backup.passphrase")} type="password" value={passphrase} onInput={setPassphrase} required
          autoComplete="off" error={wrong} maxLength={1000}
        />
        {!wrong && <ErrorLine error={error} />}
        <div class="actions">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" kind={danger ? "danger" : "primary"} busy={busy} disabled={!ready}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
