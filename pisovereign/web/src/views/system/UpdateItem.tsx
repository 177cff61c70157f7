/** One update that is offered: what is new in it, and installing it. */

import { useState } from "preact/hooks";
import { installUpdate, type OfferedUpdate } from "../../api/updates";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { ListItem } from "../../components/ListItem";
import { bytes, day } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function UpdateItem({ update, onChange }: { update: OfferedUpdate; onChange: () => void }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const install = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await installUpdate(update);
      onChange();
    } catch (problem) {
      setFailure(problem);
    }
    setBusy(false);
  };
  const about = [t(`system.update_${update.urgency}`), day(update.built_at), bytes(update.size), t(`system.update_from_${update.source}`)];
  return (
    <ListItem
      title={t("system.update_version", { version: update.version })} detail={about.join(" · ")}
      actions={
        <Button small kind="primary" icon="download" busy={busy} onClick={() => void install()}>
          {t("system.update_install")}<span class="visually-hidden"> {update.version}</span>
        </Button>
      }
    >
      {update.notes && <p class="visible-text">{visible(update.notes)}</p>}
      <ErrorLine error={failure} />
    </ListItem>
  );
}
