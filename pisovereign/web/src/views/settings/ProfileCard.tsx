/** What holds for a person on all their devices: name, time zone, and how much they keep. */

import { useState } from "preact/hooks";
import { changeProfile, fromBrowser, loadStorageUse } from "../../api/accounts";
import { session } from "../../app/session";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { Icon } from "../../components/Icon";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { bytes } from "../../text/format";
import { t } from "../../text/t";

function zones(chosen: string): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set([chosen, fromBrowser().time_zone, ...known])].filter(Boolean);
}

export function ProfileCard() {
  const me = session.value;
  const [name, setName] = useState(me?.name ?? "");
  const [zone, setZone] = useState(me?.time_zone || fromBrowser().time_zone);
  const action = useAction();
  const kept = useResource(loadStorageUse).data;
  const save = async () => {
    const renamed = me?.configured ? {} : { name: name.trim() };
    await changeProfile({ ...renamed, time_zone: zone });
    if (session.value) session.value = { ...session.value, ...renamed, time_zone: zone };
    toast(t("settings.saved"));
  };
  return (
    <Card title={t("settings.you")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          action.run(save);
        }}
      >
        <TextField
          label={t("settings.name")} value={name} onInput={setName} maxLength={60} required
          disabled={me?.configured ?? false} autoComplete="name" {...(me?.configured && { hint: t("settings.configured") })}
        />
        <SelectField
          label={t("settings.zone")} value={zone} onChange={setZone}
          choices={zones(zone).map((value) => ({ value, label: value.replace(/_/g, " ") }))}
        />
        <Button kind="primary" type="submit" busy={action.busy}>{t("common.save")}</Button>
      </form>
      {kept && (
        <p class="hint">
          {t(kept.limit_bytes ? "settings.kept_of" : "settings.kept", {
            used: bytes(kept.used_bytes), most: bytes(kept.limit_bytes),
          })}
        </p>
      )}
      <p>
        <a class="button secondary small" href="/v1/profile/export" download="pisovereign.zip">
          <Icon name="download" size={16} />
          <span>{t("settings.take_data")}</span>
        </a>
      </p>
      <p class="hint">{t("settings.take_data_hint")}</p>
    </Card>
  );
}
