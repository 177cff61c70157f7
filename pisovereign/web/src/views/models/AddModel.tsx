/** A model of one's own: a GGUF file from this computer, or from an address. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { addModel, uploadModel } from "../../api/models";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { FileDrop } from "../../components/FileDrop";
import { ProgressBar } from "../../components/ProgressBar";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useUpload } from "../../components/useUpload";
import { t } from "../../text/t";

export function AddModel({ busy, onChange }: { busy: boolean; onChange: () => void }) {
  const [url, setUrl] = useState("");
  const { sending, error, setError, send, stop } = useUpload(async (file, progress, signal) => {
    await uploadModel(file, progress, signal);
    toast(t("models.added", { name: file.name }));
  }, onChange);
  const fetch = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      await addModel(url.trim());
      setUrl("");
      onChange();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Card title={t("models.own")}>
      <p class="hint">{t("models.own_hint")}</p>
      {sending ? (
        <>
          <ProgressBar label={t("models.sending", { name: sending.file.name })} done={sending.held} total={sending.file.size} />
          <Button icon="stop" onClick={stop}>{t("models.stop")}</Button>
        </>
      ) : (
        <FileDrop label={t("models.file")} accept=".gguf" disabled={busy} onFile={(file) => void send(file)} />
      )}
      <form onSubmit={(event) => void fetch(event)}>
        <TextField
          label={t("models.address")} type="url" value={url} onInput={setUrl} required error={fieldErrors(error).url}
          placeholder="https://" disabled={busy} autoComplete="off"
        />
        <Button type="submit" icon="download" disabled={busy}>{t("models.add")}</Button>
      </form>
      <ErrorLine error={error} />
    </Card>
  );
}
