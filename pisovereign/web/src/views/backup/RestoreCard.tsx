/** How a restore goes, or how the last one went; also while nobody answers, since it ends in a new start. */

import type { Restore } from "../../api/backups";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { Loading } from "../../components/Loading";
import { Time } from "../../components/Time";
import { t } from "../../text/t";

export function RestoreCard({ restore, away }: { restore: Restore; away: boolean }) {
  if (restore.stage === "failed") {
    return (
      <Card title={t("backup.restore_failed")} tone="warning">
        <ErrorLine error={restore.error ?? ""} />
        <p>{t("backup.nothing_changed")}</p>
      </Card>
    );
  }
  if (restore.stage === "done") {
    return (
      <Card title={t("backup.restore_done")} tone="accent">
        <p>{t("backup.restored", { file: restore.file })} <Time at={restore.changed_at} /></p>
        {restore.kept && <p class="hint">{t("backup.kept", { folder: restore.kept })}</p>}
      </Card>
    );
  }
  return (
    <Card title={t("backup.restoring")} tone="accent">
      <Loading text={t(away ? "backup.stage_starting" : `backup.stage_${restore.stage}`)} />
      <p class="hint">{t("backup.restoring_hint")}</p>
    </Card>
  );
}
