/** Where somebody is signed in, and how to sign in elsewhere. */

import { useState } from "preact/hooks";
import { createSignInCode, endDevice, endOtherDevices, listDevices, type Device, type SignInCode } from "../../api/accounts";
import { knowsPasskeys } from "../../api/passkeys";
import { signOut } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Dialog } from "../../components/Dialog";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { SignInCodeCard } from "../../components/SignInCodeCard";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { DeviceItem } from "./DeviceItem";
import { PasskeyCard } from "./PasskeyCard";

export default function DevicesView() {
  const devices = useResource((signal) => listDevices(signal));
  const [code, setCode] = useState<SignInCode | null>(null);
  const [asking, setAsking] = useState(false);
  const action = useAction();
  const end = async (device: Device) => {
    if (device.current) return signOut();
    await endDevice(device.id);
    await devices.reload();
  };
  const close = () => {
    setCode(null);
    void devices.reload(); // it may be there by now
  };
  return (
    <Page
      title={t("devices.title")} lead={t("devices.lead")}
      actions={
        <Button kind="primary" icon="qr" busy={action.busy} onClick={() => action.run(async () => setCode(await createSignInCode()))}>
          {t("devices.add")}
        </Button>
      }
    >
      <ResourceView resource={devices}>
        {(all) => (
          <>
            <List label={t("devices.title")}>
              {all.map((each) => <DeviceItem key={each.id} device={each} onEnd={() => end(each)} />)}
            </List>
            {all.some((each) => !each.current) && (
              <p><Button kind="danger" onClick={() => setAsking(true)}>{t("devices.end_others")}</Button></p>
            )}
          </>
        )}
      </ResourceView>
      {knowsPasskeys() && <PasskeyCard />}
      {code && (
        <Dialog title={t("devices.add")} onClose={close}>
          <p>{t("devices.add_hint")}</p>
          <SignInCodeCard code={code} />
        </Dialog>
      )}
      {asking && (
        <ConfirmDialog
          title={t("devices.end_others")} action={t("devices.end_others")} danger onClose={() => setAsking(false)}
          onConfirm={async () => {
            await endOtherDevices();
            await devices.reload();
          }}
        >
          <p>{t("devices.end_others_hint")}</p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
