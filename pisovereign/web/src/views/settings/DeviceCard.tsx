/** What this phone or computer is told, and whether its connection is encrypted. */

import { useEffect, useState } from "preact/hooks";
import { getTls, type Tls } from "../../api/tls";
import { pushState, switchPushOff, switchPushOn, type PushState } from "../../app/push";
import { Card } from "../../components/Card";
import { CheckField } from "../../components/CheckField";
import { ErrorLine } from "../../components/ErrorLine";
import { t } from "../../text/t";

export function DeviceCard() {
  const [state, setState] = useState<PushState | null>(null);
  const [tls, setTls] = useState<Tls | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    pushState().then(setState, setError);
    getTls().then(setTls, setError);
  }, []);
  const turn = (on: boolean) => {
    setError(null);
    (on ? switchPushOn() : switchPushOff()).then(setState, setError);
  };
  const can = state === "on" || state === "off";
  return (
    <Card title={t("push.title")}>
      {state !== null && (
        <CheckField
          label={t("push.switch")} checked={state === "on"} disabled={!can} onChange={turn}
          hint={can ? t("push.hint") : t(`push.${state}`)}
        />
      )}
      {location.protocol !== "https:" && <p>{t("push.tls_off")}</p>}
      {tls?.trust_page && <p><a href={tls.trust_page} target="_top">{t("push.tls_link")}</a></p>}
      <ErrorLine error={error} />
    </Card>
  );
}
