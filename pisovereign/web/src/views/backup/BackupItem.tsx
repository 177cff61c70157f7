/** One backup: downloaded, verified, restored, deleted. */

import { useState } from "preact/hooks";
import { backupPath, deleteBackup, verifyBackup, type BackupFile } from "../../api/backups";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Icon } from "../../components/Icon";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { bytes } from "../../text/format";
import { t } from "../../text/t";
import { PassphraseDialog } from "./PassphraseDialog";
import { RestoreDialog } from "./RestoreDialog";

interface Props {
  file: BackupFile;
  busy: boolean;
  restorable: boolean;
  onChange: () => void;
}

export function BackupItem({ file, busy, restorable, onChange }: Props) {
  const [asked, setAsked] = useState<"verify" | "restore" | "delete" | null>(null);
  const close = () => setAsked(null);
  const name = <span class="visually-hidden"> {file.name}</span>;
  return (
    <ListItem
      title={<Time at={file.written_at} />} detail={`${bytes(file.size)} · ${file.name}`}
      actions={
        <>
          {/* A link, not a request: the browser writes a large file to the disk as it comes. */}
          <a class="button secondary small" href={backupPath(file.name)} download={file.name}>
            <Icon name="download" size={16} />
            <span>{t("backup.download")}{name}</span>
          </a>
          <Button small disabled={busy} onClick={() => setAsked("verify")}>{t("backup.verify")}{name}</Button>
          {restorable && (
            <Button small icon="history" disabled={busy} onClick={() => setAsked("restore")}>{t("backup.restore")}{name}</Button>
          )}
          <Button small kind="quiet" icon="trash" disabled={busy} onClick={() => setAsked("delete")}>{t("common.delete")}{name}</Button>
        </>
      }
    >
      {asked === "verify" && (
        <PassphraseDialog
          title={t("backup.verify_title")} action={t("backup.verify")} onClose={close}
          onPassphrase={async (passphrase) => {
            await verifyBackup(file.name, passphrase);
            onChange();
          }}
        >
          <p>{t("backup.verify_text")}</p>
        </PassphraseDialog>
      )}
      {asked === "restore" && <RestoreDialog file={file} onBegun={onChange} onClose={close} />}
      {asked === "delete" && (
        <ConfirmDialog
          title={t("backup.delete_title")} action={t("common.delete")} danger onClose={close}
          onConfirm={async () => {
            await deleteBackup(file.name);
            onChange();
          }}
        >
          <p>{t("backup.delete_text", { name: file.name })}</p>
        </ConfirmDialog>
      )}
    </ListItem>
  );
}
