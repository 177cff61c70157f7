/** Whether a connection works, and if not, since when and why. */

import type { ConnectionState } from "../../api/connections";
import { Icon, type IconName } from "../../components/Icon";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

const ICONS: Record<ConnectionState["status"], IconName> = {
  works: "done", fails: "alert", not_set_up: "plug", unreadable: "warning",
};

export function StateLine({ state }: { state: ConnectionState }) {
  return (
    <div class={`connection-state ${state.status}`}>
      <Icon name={ICONS[state.status]} />
      <div>
        <strong>{t(`connections.state_${state.status}`)}</strong>
        {state.since && <> {t("connections.since")} <Time at={state.since} /></>}
        {state.error && <div>{visible(state.error)}</div>}
      </div>
    </div>
  );
}
