/** How far something came: a bar with words; without a total only that it goes on. */

import { useId } from "preact/hooks";
import { bytes } from "../text/format";
import { t } from "../text/t";

export function ProgressBar({ label, done, total }: { label: string; done: number; total: number }) {
  const id = useId();
  const known = total > 0;
  return (
    <div class="progress">
      <label for={id}>{label}</label>
      {known ? <progress id={id} value={done} max={total} /> : <progress id={id} />}
      {known && <span class="hint">{t("common.of", { done: bytes(done), total: bytes(total) })}</span>}
    </div>
  );
}
