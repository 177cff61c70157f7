/** Remembers what a file of an export holds. */

import { useState } from "preact/hooks";
import { importMemories } from "../../api/memories";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Field } from "../../components/Field";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";

export function ImportDialog({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [stored, setStored] = useState(0);
  const bring = async () => {
    if (!file) throw new Error(t("memories.no_file"));
    try {
      const { added, merged } = await importMemories(await file.text(), setStored);
      toast(t("memories.imported", { added, merged }));
    } catch (error) {
      if (error instanceof SyntaxError) throw new Error(t("memories.not_an_export"));
      throw error;
    } finally {
      onDone();
    }
  };
  return (
    <ConfirmDialog title={t("memories.import_title")} action={t("memories.import")} onConfirm={bring} onClose={onClose}>
      <p>{t("memories.import_hint")}</p>
      <Field label={t("memories.file")}>
        {(input) => <input {...input} type="file" accept=".ndjson,.jsonl,.json,.txt" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />}
      </Field>
      <p role="status">{stored > 0 && t("memories.stored_so_far", { count: stored })}</p>
    </ConfirmDialog>
  );
}
