/** Backups of everything: made, kept, verified, and restored. */

import { loadBackups } from "../../api/backups";
import { OfflineError } from "../../api/errors";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { bytes } from "../../text/format";
import { t } from "../../text/t";
import { BackupItem } from "./BackupItem";
import { AutomaticBackups } from "./AutomaticBackups";
import { NewBackup } from "./NewBackup";
import { RestoreCard } from "./RestoreCard";
import { UploadBackup } from "./UploadBackup";
import { WorkLine } from "./WorkLine";

const POLL_MS = 1_000;

export default function BackupView() {
  const resource = useResource(loadBackups);
  const { data, error } = resource;
  const stage = data?.restore?.stage;
  const restoring = stage === "checking" || stage === "loading" || stage === "starting";
  const busy = restoring || data?.work?.status === "running";
  usePolling(resource.reload, busy, POLL_MS);
  // While everything starts again nobody answers, which is no error then.
  const away = restoring && error instanceof OfflineError;
  const reload = () => void resource.reload();
  return (
    <Page title={t("backup.title")} lead={t("backup.lead")}>
      <ResourceView resource={away ? { ...resource, error: null } : resource}>
        {(backups) => (
          <>
            {backups.restore && <RestoreCard restore={backups.restore} away={away} />}
            {!restoring && (
              <>
                <NewBackup busy={busy} onChange={reload} />
                {backups.work && <WorkLine work={backups.work} />}
                <h2>{t("backup.here")}</h2>
                <p class="hint">{t("backup.folder", { folder: backups.folder, free: bytes(backups.free_bytes), keep: backups.keep })}</p>
                {backups.files.length === 0 ? (
                  <EmptyState icon="archive" text={t("backup.empty")} />
                ) : (
                  <List label={t("backup.here")}>
                    {backups.files.map((file) => (
                      <BackupItem key={file.name} file={file} busy={busy} restorable={backups.restorable} onChange={reload} />
                    ))}
                  </List>
                )}
                {!backups.restorable && <p>{t("backup.by_command")} <code>{backups.restore_command}</code></p>}
                {backups.not_included.length > 0 && (
                  <p class="hint">{t("backup.not_included", { settings: backups.not_included.join(", ") })}</p>
                )}
                <UploadBackup onChange={reload} />
                <AutomaticBackups busy={busy} onFetch={reload} />
              </>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}
