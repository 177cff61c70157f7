/** One key, without the key itself. */

import { useState } from "preact/hooks";
import { revokeKey, type ApiKey } from "../../api/accounts";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Icon } from "../../components/Icon";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function KeyItem({ of: key, onChange }: { of: ApiKey; onChange: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const { id } = key;
  const name = visible(key.name);
  const scopes = key.scopes.map((scope) => t(`keys.scope_${scope}`)).join(", ");
  const revoke = async () => {
    if (id) await revokeKey(id);
    await onChange();
  };
  return (
    <ListItem
      lead={<Icon name="key" />} title={name}
      detail={
        <>
          {scopes}
          {key.configured && <> · {t("keys.configured")}</>}
          {key.used_at && <> · {t("devices.used")} <Time at={key.used_at} /></>}
          {key.expires_at && <> · {t("keys.until")} <Time at={key.expires_at} show="day" /></>}
        </>
      }
      actions={id && (
        <Button small kind="danger" onClick={() => setAsking(true)}>
          {t("keys.revoke")}<span class="visually-hidden"> {name}</span>
        </Button>
      )}
    >
      {asking && (
        <ConfirmDialog
          title={`${t("keys.revoke")}: ${name}`} action={t("keys.revoke")} danger onConfirm={revoke}
          onClose={() => setAsking(false)}
        >
          <p>{t("keys.revoke_hint")}</p>
        </ConfirmDialog>
      )}
    </ListItem>
  );
}
