/** Reminders: what is due, what is to come, and new ones in words or by form. */

import { useEffect, useState } from "preact/hooks";
import { listReminders, type Reminder } from "../../api/reminders";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { reminderChanges } from "../../notices/notices";
import { t } from "../../text/t";
import { QuickReminder } from "./QuickReminder";
import { ReminderDialog } from "./ReminderDialog";
import { ReminderItem } from "./ReminderItem";
import { SystemNotices } from "./SystemNotices";

const MOST = 200;

export default function RemindersView() {
  const open = useResource((signal) => listReminders({ status: "open", kind: "reminder", limit: MOST }, signal));
  const [edited, setEdited] = useState<Reminder | "new" | null>(null);
  useEffect(() => {
    if (reminderChanges.value > 0) void open.reload();
  }, [reminderChanges.value]);
  const close = () => setEdited(null);
  return (
    <Page
      title={t("reminders.title")}
      actions={<Button icon="plus" onClick={() => setEdited("new")}>{t("reminders.new")}</Button>}
    >
      <QuickReminder onMade={() => void open.reload()} />
      <ResourceView resource={open}>
        {({ entries, total }) => entries.length === 0 ? (
          <EmptyState icon="bell" text={t("reminders.empty")} />
        ) : (
          <>
            <List label={t("reminders.title")}>
              {entries.map((each) => (
                <ReminderItem
                  key={each.id} reminder={each} onEdit={() => setEdited(each)} onChanged={() => void open.reload()}
                />
              ))}
            </List>
            {total > entries.length && <p class="hint">{t("reminders.of", { shown: entries.length, count: total })}</p>}
          </>
        )}
      </ResourceView>
      <SystemNotices />
      {edited && (
        <ReminderDialog
          reminder={edited === "new" ? null : edited} kind="reminder" onClose={close}
          onSaved={() => void open.reload()}
        />
      )}
    </Page>
  );
}
