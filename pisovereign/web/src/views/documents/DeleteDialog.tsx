/** Asks before a document is deleted for good. */

import { deleteDocument, type Document } from "../../api/documents";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  document: Document;
  onDone: () => void;
  onClose: () => void;
}

export function DeleteDialog({ document, onDone, onClose }: Props) {
  const remove = async () => {
    await deleteDocument(document.id);
    toast(t("documents.deleted"));
    onDone();
  };
  return (
    <ConfirmDialog title={t("documents.delete_title")} action={t("common.delete")} danger onConfirm={remove} onClose={onClose}>
      <p>{visible(document.name)}</p>
      <p>{t("documents.delete_hint")}</p>
    </ConfirmDialog>
  );
}
