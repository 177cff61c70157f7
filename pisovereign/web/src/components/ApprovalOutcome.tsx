/** What has become of an approval: who decided, and the result or the reason. */

import type { Approval } from "../api/approvals";
import { t } from "../text/t";
import { CommandOutput, isExecution } from "./CommandOutput";
import { Icon, type IconName } from "./Icon";
import { Time } from "./Time";
import { VisibleText } from "./VisibleText";

const ICONS: Partial<Record<Approval["status"], IconName>> = {
  executed: "done", denied: "close", cancelled: "close", expired: "clock", failed: "alert", approved: "clock",
};

export function ApprovalOutcome({ approval }: { approval: Approval }) {
  const { status, decided_by: by, finished_at: at, reason, result } = approval;
  return (
    <div class={`approval-outcome ${status}`} role="status">
      <p class="outcome-line">
        <Icon name={ICONS[status] ?? "info"} size={18} />
        <span>{t(`approvals.is_${status}`)}</span>
        {by && <span class="hint">{t("approvals.decided_by", { name: by })}</span>}
        {at && <span class="hint"><Time at={at} /></span>}
      </p>
      {reason && <VisibleText text={reason} />}
      {isExecution(result) && <CommandOutput execution={result} />}
    </div>
  );
}
