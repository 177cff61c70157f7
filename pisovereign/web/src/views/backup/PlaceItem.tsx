/** A place to which backups go: the last good one there, and what else is there. */

import { useState } from "preact/hooks";
import { fetchBackup, loadPlaceFiles, type BackupPlace } from "../../api/backupPlaces";
import { Badge } from "../../components/Badge";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { List } from "../../components/List";
import { ListItem } from "../../components/ListItem";
import { ResourceView } from "../../components/ResourceView";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { bytes } from "../../text/format";
import { t } from "../../text/t";

interface Props {
  place: BackupPlace;
  busy: boolean;
  onFetch: () => void;
}

const BAD = new Set(["failing", "old"]);

export function PlaceItem({ place, busy, onFetch }: Props) {
  const [open, setOpen] = useState(false);
  const name = t(`backup_places.place_${place.place}`);
  const bad = BAD.has(place.status);
  return (
    <ListItem
      title={<>{name} <Badge tone={bad ? "warning" : "good"}>{t(`backup_places.badge_${place.status}`)}</Badge></>}
      detail={place.good_at ? <>{t("backup_places.last")} <Time at={place.good_at} /></> : t("backup_places.none")}
      actions={<Button small onClick={() => setOpen(!open)}>{t(open ? "backup_places.hide" : "backup_places.show")}<span class="visually-hidden"> {name}</span></Button>}
    >
      <ErrorLine error={place.error} />
      {open && <PlaceFiles place={place.place} busy={busy} onFetch={onFetch} />}
    </ListItem>
  );
}

function PlaceFiles({ place, busy, onFetch }: { place: string; busy: boolean; onFetch: () => void }) {
  const files = useResource((signal) => loadPlaceFiles(place, signal), [place]);
  const action = useAction();
  const bring = (name: string) =>
    action.run(async () => {
      await fetchBackup(place, name);
      onFetch();
    });
  return (
    <ResourceView resource={files}>
      {(found) =>
        found.length === 0 ? (
          <p>{t("backup_places.empty")}</p>
        ) : (
          <List label={t("backup_places.files")}>
            {found.map((file) => (
              <ListItem
                key={file.name} title={file.made_at ? <Time at={file.made_at} /> : file.name} detail={`${bytes(file.size)} · ${file.name}`}
                actions={<Button small icon="download" disabled={busy || action.busy} onClick={() => bring(file.name)}>{t("backup_places.bring")}</Button>}
              />
            ))}
          </List>
        )
      }
    </ResourceView>
  );
}
