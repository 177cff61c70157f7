/** What went wrong, in words, and a way to try again. It is read aloud when it appears. */

import { describe } from "../api/errors";
import { t } from "../text/t";
import { Button } from "./Button";
import { Icon } from "./Icon";

export function ErrorLine({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error == null || error === "") return null;
  return (
    <div class="error-line" role="alert">
      <Icon name="alert" />
      <span>{typeof error === "string" ? error : describe(error)}</span>
      {onRetry && <Button small icon="refresh" onClick={onRetry}>{t("common.retry")}</Button>}
    </div>
  );
}
