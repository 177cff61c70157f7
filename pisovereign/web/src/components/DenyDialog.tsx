/** Refuses something, with a reason if one is given. */

import { useState } from "preact/hooks";
import { deny, type Approval } from "../api/approvals";
import { t } from "../text/t";
import { ConfirmDialog } from "./ConfirmDialog";
import { TextField } from "./TextField";

interface Props {
  approval: Approval;
  onDecided: (approval: Approval) => void;
  onClose: () => void;
}

export function DenyDialog({ approval, onDecided, onClose }: Props) {
  const [reason, setReason] = useState("");
  return (
    <ConfirmDialog
      title={t("approvals.deny_title")} action={t("approvals.deny")} danger onClose={onClose}
      onConfirm={async () => onDecided(await deny(approval.id, reason))}
    >
      <TextField
        label={t("approvals.reason")} hint={t("approvals.reason_hint")} value={reason} onInput={setReason} maxLength={500}
        lines={2}
      />
    </ConfirmDialog>
  );
}
