/** Says that something is on its way. */

import { t } from "../text/t";

export function Loading({ text }: { text?: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {text ?? t("common.loading")}
    </p>
  );
}
