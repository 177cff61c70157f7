/** How far a model is fetched or sent. */

import { useId } from "preact/hooks";
import { Button } from "../components/Button";
import { bytes } from "../text/format";
import { t } from "../text/t";
import type { Progress } from "./api";

export function ModelProgress({ progress, sending, onStop }: { progress: Progress; sending: boolean; onStop: () => void }) {
  const id = useId();
  const { file, done, total } = progress;
  const values = { file, done: bytes(done), total: bytes(total) };
  const text = total === 0 ? t("setup.verifying") : sending ? t("setup.uploading", values) : t("setup.downloading", values);
  return (
    <div class="setup-progress">
      <label for={id}>{text}</label>
      {total > 0 ? <progress id={id} max={total} value={done} /> : <progress id={id} />}
      <Button onClick={onStop}>{t("setup.stop")}</Button>
    </div>
  );
}
