/** What can be done with a conversation: name, pin, save and delete it. */

import { useState } from "preact/hooks";
import type { ConversationSummary } from "../../api/chatTypes";
import { changeConversation, deleteConversation, exportConversation } from "../../api/conversations";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  conversation: ConversationSummary;
  onClose: () => void;
  onChanged: () => void;
  onDeleted: () => void;
}

export function ConversationDialog({ conversation, onClose, onChanged, onDeleted }: Props) {
  const [title, setTitle] = useState(conversation.title);
  const [deleting, setDeleting] = useState(false);
  const action = useAction();
  const { id, pinned } = conversation;
  const change = (some: { title?: string | null; pinned?: boolean }) =>
    action.run(async () => {
      await changeConversation(id, some);
      onChanged();
      onClose();
    });
  if (deleting) {
    return (
      <ConfirmDialog
        title={t("conversations.delete_title")} action={t("conversations.delete")} danger onClose={onClose}
        onConfirm={async () => {
          await deleteConversation(id);
          onDeleted();
          toast(t("conversations.deleted"));
        }}
      >
        <p><strong>{visible(conversation.title)}</strong></p>
        <p>{t("conversations.delete_text")}</p>
      </ConfirmDialog>
    );
  }
  return (
    <Dialog title={t("conversations.one")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change({ title: title.trim() || null });
        }}
      >
        <TextField label={t("conversations.name")} hint={t("conversations.name_hint")} value={title} onInput={setTitle} maxLength={200} />
        <div class="actions"><Button kind="primary" type="submit" busy={action.busy}>{t("common.save")}</Button></div>
      </form>
      <div class="actions">
        <Button icon="pin" disabled={action.busy} onClick={() => change({ pinned: !pinned })}>
          {t(pinned ? "conversations.unpin" : "conversations.pin")}
        </Button>
        <Button icon="download" disabled={action.busy} onClick={() => action.run(() => exportConversation(conversation, "md"))}>
          {t("conversations.export_text")}
        </Button>
        <Button icon="download" disabled={action.busy} onClick={() => action.run(() => exportConversation(conversation, "json"))}>
          {t("conversations.export_data")}
        </Button>
        <Button kind="danger" icon="trash" disabled={action.busy} onClick={() => setDeleting(true)}>{t("conversations.delete")}</Button>
      </div>
    </Dialog>
  );
}
