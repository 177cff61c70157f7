/** Another name for something. */

import { useState } from "preact/hooks";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

interface Props {
  name: string;
  onSave: (name: string) => Promise<void>;
  onClose: () => void;
}

export function RenameDialog({ name, onSave, onClose }: Props) {
  const [text, setText] = useState(name);
  return (
    <ConfirmDialog title={t("lists.rename")} action={t("common.save")} onClose={onClose} onConfirm={() => onSave(text)}>
      <TextField label={t("lists.name")} value={text} onInput={setText} maxLength={100} required />
    </ConfirmDialog>
  );
}
