/** Asks before something that cannot be undone; says what went wrong if it does not work. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../text/t";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { ErrorLine } from "./ErrorLine";

interface Props {
  title: string;
  children: ComponentChildren;
  /** What the button says that does it: "Delete", not "OK". */
  action: string;
  danger?: boolean;
  onConfirm: () => Promise<void> | void;
  onClose: () => void;
}

export function ConfirmDialog({ title, children, action, danger = false, onConfirm, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const actions = (
    <>
      <Button onClick={onClose}>{t("common.cancel")}</Button>
      <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={() => void confirm()}>{action}</Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      {children}
      <ErrorLine error={error} />
    </Dialog>
  );
}
