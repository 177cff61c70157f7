/** What is being done with a backup, and what came of it. */

import type { BackupWork } from "../../api/backups";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { ProgressBar } from "../../components/ProgressBar";
import { Time } from "../../components/Time";
import { number } from "../../text/format";
import { t } from "../../text/t";

export function WorkLine({ work }: { work: BackupWork }) {
  if (work.status === "running") {
    return <ProgressBar label={t(`backup.running_${work.kind}`)} done={work.done ?? 0} total={work.total ?? 0} />;
  }
  if (work.status === "failed") return <ErrorLine error={t(`backup.failed_${work.kind}`, { error: work.error ?? "" })} />;
  if (work.status === "stopped") return <ErrorLine error={t("backup.stopped")} />;
  if (work.kind === "fetch") return <p role="status">{t("backup.fetched", { file: work.file })}</p>;
  if (work.kind === "make") return <p role="status">{t("backup.made", { file: work.file })}</p>;
  const { contents } = work;
  if (!contents) return null;
  const rows = (name: string) => number(contents.rows[name] ?? 0);
  return (
    <Card title={t("backup.whole", { file: work.file })}>
      <p role="status">{t("backup.made_at")} <Time at={contents.made_at} /></p>
      <p>{t("backup.holds", { messages: rows("messages"), memories: rows("memories"), reminders: rows("reminders") })}</p>
    </Card>
  );
}
