/** Something that waits for a decision: it is looked at as a whole before it can be approved. */

import { Button } from "../components/Button";
import { Icon } from "../components/Icon";
import { t } from "../text/t";
import { shortLine } from "../text/visible";
import { when } from "../text/when";
import { openedApproval, type PendingApproval } from "./notices";

export function ApprovalNotice({ approval }: { approval: PendingApproval }) {
  return (
    <li class="notice approval">
      <Icon name="shield" />
      <div class="notice-text">
        <strong>{shortLine(approval.title)}</strong>
        <span class="list-detail">{t("notices.approval")} · {t("notices.until", { when: when(approval.expires_at) })}</span>
      </div>
      <div class="notice-actions">
        <Button
          kind="primary" small
          onClick={() => {
            openedApproval.value = approval.id;
          }}
        >
          {t("notices.look")}
        </Button>
      </div>
    </li>
  );
}
