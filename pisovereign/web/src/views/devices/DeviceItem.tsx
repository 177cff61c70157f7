/** One device that somebody is signed in on. */

import type { Device } from "../../api/accounts";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function DeviceItem({ device, onEnd }: { device: Device; onEnd: () => Promise<void> }) {
  const action = useAction();
  const name = visible(device.device || t("devices.unknown"));
  const network = device.network === "this device" ? t("devices.same_machine") : device.network;
  return (
    <ListItem
      lead={<Icon name={/Android|iPhone|iPad/.test(device.device) ? "phone" : "monitor"} />}
      title={device.current ? <strong>{name} ({t("devices.current")})</strong> : name}
      detail={<>{t("devices.used")} <Time at={device.used_at} /> · {network} · {t(`devices.with_${device.made_with}`)}</>}
      actions={
        <Button small busy={action.busy} onClick={() => action.run(onEnd)}>
          {t("devices.end")}<span class="visually-hidden"> {name}</span>
        </Button>
      }
    />
  );
}
