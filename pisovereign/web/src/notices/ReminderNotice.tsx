/** A reminder that is due: done with, or put off. */

import { finishReminder, snoozeReminder, type Reminder } from "../api/reminders";
import { Button } from "../components/Button";
import { Icon } from "../components/Icon";
import { toast } from "../components/toasts";
import { useAction } from "../components/useAction";
import { t } from "../text/t";
import { visible } from "../text/visible";
import { when } from "../text/when";
import { dropReminder } from "./notices";
import { SnoozeField } from "./SnoozeField";

const ICONS = { reminder: "bell", alarm: "alarm", timer: "timer" } as const;

export function ReminderNotice({ reminder }: { reminder: Reminder }) {
  const action = useAction();
  const title = visible(reminder.title);
  const finish = async () => {
    await finishReminder(reminder.id);
    dropReminder(reminder.id);
  };
  const snooze = async (minutes: number) => {
    const later = await snoozeReminder(reminder.id, minutes);
    dropReminder(reminder.id);
    toast(t("notices.again", { when: when(later.remind_at) }));
  };
  return (
    <li class={`notice ${reminder.kind}`}>
      <Icon name={ICONS[reminder.kind]} />
      <div class="notice-text">
        <strong>{title}</strong>
        <span class="list-detail">{t(`notices.${reminder.kind}`)} · {when(reminder.remind_at)}</span>
      </div>
      <div class="notice-actions">
        <Button kind="primary" small busy={action.busy} onClick={() => action.run(finish)}>{t("notices.done")}</Button>
        {reminder.snoozes_left > 0 && (
          <SnoozeField title={title} disabled={action.busy} onSnooze={(minutes) => action.run(() => snooze(minutes))} />
        )}
      </div>
    </li>
  );
}
