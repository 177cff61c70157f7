/** Timers that run, and alarms: both are reminders that ring, on every page that is open. */

import { useEffect, useState } from "preact/hooks";
import { listReminders, type Reminder } from "../../api/reminders";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { reminderChanges } from "../../notices/notices";
import { canRing, chime } from "../../notices/ring";
import { t } from "../../text/t";
import { ReminderDialog } from "../reminders/ReminderDialog";
import { ReminderItem } from "../reminders/ReminderItem";
import { SystemNotices } from "../reminders/SystemNotices";
import { NewTimer } from "./NewTimer";
import { RunningTimer } from "./RunningTimer";

export default function TimersView() {
  const timers = useResource((signal) => listReminders({ status: "scheduled", kind: "timer", limit: 50 }, signal));
  const alarms = useResource((signal) => listReminders({ status: "open", kind: "alarm", limit: 100 }, signal));
  const [edited, setEdited] = useState<Reminder | "new" | null>(null);
  const reload = () => {
    void timers.reload();
    void alarms.reload();
  };
  useEffect(() => {
    if (reminderChanges.value > 0) reload();
  }, [reminderChanges.value]);
  return (
    <Page
      title={t("timers.title")} lead={t("timers.lead")}
      actions={<Button icon="bell" onClick={() => void chime()}>{t("timers.try_sound")}</Button>}
    >
      {!canRing.value && <p class="hint" role="status">{t("timers.silent")}</p>}
      <h2>{t("timers.timers")}</h2>
      <NewTimer onMade={() => void timers.reload()} />
      <ResourceView resource={timers}>
        {({ entries }) => entries.length === 0 ? (
          <p class="hint">{t("timers.none")}</p>
        ) : (
          <ul class="timers">
            {entries.map((each) => <RunningTimer key={each.id} timer={each} onChanged={() => void timers.reload()} />)}
          </ul>
        )}
      </ResourceView>
      <div class="page-header">
        <h2>{t("timers.alarms")}</h2>
        <Button icon="plus" onClick={() => setEdited("new")}>{t("timers.new_alarm")}</Button>
      </div>
      <ResourceView resource={alarms}>
        {({ entries }) => entries.length === 0 ? (
          <EmptyState icon="alarm" text={t("timers.no_alarms")} />
        ) : (
          <List label={t("timers.alarms")}>
            {entries.map((each) => (
              <ReminderItem key={each.id} reminder={each} onEdit={() => setEdited(each)} onChanged={reload} />
            ))}
          </List>
        )}
      </ResourceView>
      <SystemNotices />
      {edited && (
        <ReminderDialog
          reminder={edited === "new" ? null : edited} kind="alarm" onClose={() => setEdited(null)} onSaved={reload}
        />
      )}
    </Page>
  );
}
