/** A backup that lies elsewhere: on this computer, or on a stick. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../../api/errors";
import { uploadBackup } from "../../api/backups";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { FileDrop } from "../../components/FileDrop";
import { ProgressBar } from "../../components/ProgressBar";
import { t } from "../../text/t";

export function UploadBackup({ onChange }: { onChange: () => void }) {
  const [sending, setSending] = useState<{ file: File; held: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = async (file: File) => {
    stop.current = new AbortController();
    setError(null);
    setSending({ file, held: 0 });
    try {
      await uploadBackup(file, (held) => setSending({ file, held }), stop.current.signal);
    } catch (problem) {
      if (!isAbort(problem)) setError(problem);
    }
    setSending(null);
    onChange();
  };
  return (
    <>
      {sending ? (
        <>
          <ProgressBar label={t("backup.sending", { name: sending.file.name })} done={sending.held} total={sending.file.size} />
          <Button icon="stop" onClick={() => stop.current?.abort()}>{t("common.cancel")}</Button>
        </>
      ) : (
        <FileDrop label={t("backup.upload")} accept=".backup" onFile={(file) => void send(file)} />
      )}
      <ErrorLine error={error} />
    </>
  );
}
