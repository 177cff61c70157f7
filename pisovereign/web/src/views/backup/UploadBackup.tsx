/** A backup that lies elsewhere: on this computer, or on a stick. */

import { uploadBackup } from "../../api/backups";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { FileDrop } from "../../components/FileDrop";
import { ProgressBar } from "../../components/ProgressBar";
import { useUpload } from "../../components/useUpload";
import { t } from "../../text/t";

export function UploadBackup({ onChange }: { onChange: () => void }) {
  const { sending, error, send, stop } = useUpload(uploadBackup, onChange);
  return (
    <>
      {sending ? (
        <>
          <ProgressBar label={t("backup.sending", { name: sending.file.name })} done={sending.held} total={sending.file.size} />
          <Button icon="stop" onClick={stop}>{t("common.cancel")}</Button>
        </>
      ) : (
        <FileDrop label={t("backup.upload")} accept=".backup" onFile={(file) => void send(file)} />
      )}
      <ErrorLine error={error} />
    </>
  );
}
