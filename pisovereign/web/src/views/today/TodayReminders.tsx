/** What comes next: reminders, alarms and timers. */

import { useEffect } from "preact/hooks";
import { listReminders } from "../../api/reminders";
import { Card } from "../../components/Card";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { reminderChanges } from "../../notices/notices";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";

const SHOWN = 5;

export function TodayReminders() {
  const next = useResource((signal) => listReminders({ status: "scheduled", limit: SHOWN }, signal));
  useEffect(() => {
    if (reminderChanges.value > 0) void next.reload();
  }, [reminderChanges.value]);
  return (
    <Card title={t("today.reminders")} actions={<a href="/reminders">{t("today.all_reminders")}</a>}>
      <ResourceView resource={next}>
        {({ entries }) => entries.length === 0 ? (
          <p class="hint">{t("today.no_reminders")}</p>
        ) : (
          <ul class="plain-list">
            {entries.map((each) => (
              <li key={each.id}><strong>{when(each.remind_at)}</strong> {visible(each.title)}</li>
            ))}
          </ul>
        )}
      </ResourceView>
    </Card>
  );
}
