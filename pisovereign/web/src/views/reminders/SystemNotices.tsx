/** Whether reminders are shown by the system too, while the page is open and another window is in front. */

import { Button } from "../../components/Button";
import { askPermission, permission } from "../../notices/systemNotice";
import { t } from "../../text/t";

export function SystemNotices() {
  if (permission.value === "default") {
    return (
      <p class="hint">
        {t("reminders.notices_hint")}{" "}
        <Button small icon="bell" onClick={() => void askPermission()}>{t("reminders.notices_allow")}</Button>
      </p>
    );
  }
  return <p class="hint">{t(permission.value === "granted" ? "reminders.notices_on" : "reminders.notices_off")}</p>;
}
