/** Passkeys: sign in with the fingerprint, the face or the code of a device. */

import { useState } from "preact/hooks";
import { createPasskey, listPasskeys, removePasskey } from "../../api/passkeys";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { List } from "../../components/List";
import { ListItem } from "../../components/ListItem";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function PasskeyCard() {
  const passkeys = useResource((signal) => listPasskeys(signal));
  const [name, setName] = useState("");
  const action = useAction();
  const make = async () => {
    await createPasskey(name.trim());
    setName("");
    await passkeys.reload();
  };
  const remove = async (id: string) => {
    await removePasskey(id);
    await passkeys.reload();
  };
  return (
    <Card title={t("devices.passkeys")}>
      <p>{t("devices.passkeys_hint")}</p>
      <ResourceView resource={passkeys}>
        {(all) => all.length > 0 && (
          <List label={t("devices.passkeys")}>
            {all.map((each) => (
              <ListItem
                key={each.id} title={visible(each.name)}
                detail={each.used_at ? <>{t("devices.used")} <Time at={each.used_at} /></> : t("devices.never_used")}
                actions={
                  <Button small busy={action.busy} onClick={() => action.run(() => remove(each.id))}>
                    {t("devices.remove")}<span class="visually-hidden"> {visible(each.name)}</span>
                  </Button>
                }
              />
            ))}
          </List>
        )}
      </ResourceView>
      <form
        class="quick-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) action.run(make);
        }}
      >
        <TextField label={t("devices.passkey_name")} value={name} onInput={setName} maxLength={60} autoComplete="off" />
        <Button type="submit" icon="key" busy={action.busy}>{t("devices.make_passkey")}</Button>
      </form>
    </Card>
  );
}
