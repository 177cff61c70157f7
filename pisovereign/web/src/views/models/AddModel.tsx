/** A model of one's own: a GGUF file from this computer, or from an address. */

import { useEffect, useRef, useState } from "preact/hooks";
import { fieldErrors, isAbort } from "../../api/errors";
import { addModel, uploadModel } from "../../api/models";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { FileDrop } from "../../components/FileDrop";
import { ProgressBar } from "../../components/ProgressBar";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";

export function AddModel({ busy, onChange }: { busy: boolean; onChange: () => void }) {
  const [url, setUrl] = useState("");
  const [sending, setSending] = useState<{ file: File; held: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = async (file: File) => {
    stop.current = new AbortController();
    setError(null);
    setSending({ file, held: 0 });
    try {
      await uploadModel(file, (held) => setSending({ file, held }), stop.current.signal);
      toast(t("models.added", { name: file.name }));
    } catch (problem) {
      if (!isAbort(problem)) setError(problem);
    }
    setSending(null);
    onChange();
  };
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
          <Button icon="stop" onClick={() => stop.current?.abort()}>{t("models.stop")}</Button>
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
