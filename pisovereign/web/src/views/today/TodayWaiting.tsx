/** All that waits for the person, also what the bar above has no room for. */

import { Card } from "../../components/Card";
import { ApprovalNotice } from "../../notices/ApprovalNotice";
import { dueReminders, noticeCount, pendingApprovals } from "../../notices/notices";
import { ReminderNotice } from "../../notices/ReminderNotice";
import { t } from "../../text/t";

export function TodayWaiting() {
  return (
    <Card title={t("today.waiting")} tone={noticeCount.value > 0 ? "accent" : "plain"}>
      {noticeCount.value === 0 ? (
        <p class="hint">{t("today.nothing_waits")}</p>
      ) : (
        <ul class="plain-list">
          {dueReminders.value.map((each) => <ReminderNotice key={each.id} reminder={each} />)}
          {pendingApprovals.value.map((each) => <ApprovalNotice key={each.id} approval={each} />)}
        </ul>
      )}
    </Card>
  );
}
