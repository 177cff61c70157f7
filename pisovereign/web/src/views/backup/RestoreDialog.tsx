/** Restoring a backup: what that does, in plain words, before it is done. */

import { useState } from "preact/hooks";
import { restoreBackup, type BackupFile } from "../../api/backups";
import { CheckField } from "../../components/CheckField";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { PassphraseDialog } from "./PassphraseDialog";

interface Props {
  file: BackupFile;
  onBegun: () => void;
  onClose: () => void;
}

export function RestoreDialog({ file, onBegun, onClose }: Props) {
  const [withConfig, setWithConfig] = useState(true);
  const [understood, setUnderstood] = useState(false);
  const restore = async (passphrase: string) => {
    await restoreBackup(file.name, passphrase, withConfig);
    onBegun();
  };
  return (
    <PassphraseDialog
      title={t("backup.restore_title")} action={t("backup.restore")} danger ready={understood}
      onPassphrase={restore} onClose={onClose}
    >
      <p>{t("backup.restore_from")} <Time at={file.written_at} /></p>
      <p>{t("backup.restore_text")}</p>
      <ul>
        <li>{t("backup.restore_replaces")}</li>
        <li>{t("backup.restore_kept")}</li>
        <li>{t("backup.restore_away")}</li>
        <li>{t("backup.restore_sign_in")}</li>
      </ul>
      <CheckField label={t("backup.with_config")} checked={withConfig} onChange={setWithConfig} hint={t("backup.with_config_hint")} />
      <CheckField label={t("backup.understood")} checked={understood} onChange={setUnderstood} required />
    </PassphraseDialog>
  );
}
