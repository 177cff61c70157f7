/** Automatic backups: how they get on at each place, and when they are made. */

import { loadPlaces, runBackup, type BackupPlaces } from "../../api/backupPlaces";
import { loadSettings } from "../../api/connections";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { List } from "../../components/List";
import { Loading } from "../../components/Loading";
import { ResourceView } from "../../components/ResourceView";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { language, t } from "../../text/t";
import { SettingsCard } from "../settings/SettingsCard";
import { PlaceItem } from "./PlaceItem";

const POLL_MS = 2_000;

export function AutomaticBackups({ busy, onFetch }: { busy: boolean; onFetch: () => void }) {
  const resource = useResource(loadPlaces);
  const settings = useResource(loadSettings, [language.value]);
  const { running, run } = useRun(resource.reload);
  const going = running || resource.data?.running === true;
  usePolling(resource.reload, going, POLL_MS);
  const group = settings.data?.find(({ kind }) => kind === "backup");
  const changed = async () => {
    await Promise.all([settings.reload(), resource.reload()]);
  };
  return (
    <>
      <ResourceView resource={resource}>
        {(places) => (
          <Card title={t("backup_places.title")} tone={tone(places)}>
            <p role="status">{t(`backup_places.status_${places.status}`)}</p>
            {places.next_at && <p>{t("backup_places.next")} <Time at={places.next_at} /></p>}
            {!places.passphrase && <p class="hint">{t("backup_places.no_passphrase")}</p>}
            <List label={t("backup_places.places")}>
              {places.places.map((place) => <PlaceItem key={place.place} place={place} busy={busy} onFetch={onFetch} />)}
            </List>
            {places.places.length === 0 && <p><a href="/connections">{t("backup_places.connect")}</a></p>}
            {going ? (
              <Loading text={t("backup_places.running")} />
            ) : (
              <Button icon="archive" disabled={busy || !places.passphrase || places.places.length === 0} onClick={run}>
                {t("backup_places.run")}
              </Button>
            )}
          </Card>
        )}
      </ResourceView>
      {group && <SettingsCard key={`${group.kind} ${group.updated_at}`} form={group} onChanged={changed} />}
    </>
  );
}

function tone({ status }: BackupPlaces) {
  return status === "failing" || status === "old" || status === "nowhere" ? "warning" : "plain";
}

function useRun(reload: () => Promise<void>) {
  const { busy, run } = useAction();
  const begin = () =>
    run(async () => {
      await runBackup();
      await reload();
    });
  return { running: busy, run: begin };
}
