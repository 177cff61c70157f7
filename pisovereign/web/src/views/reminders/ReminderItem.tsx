/** One reminder: what and when, and what can be done with it. */

import {
  createReminder, deleteReminder, finishReminder, snoozeReminder, type Reminder,
} from "../../api/reminders";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { dropReminder } from "../../notices/notices";
import { SnoozeField } from "../../notices/SnoozeField";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";

interface Props {
  reminder: Reminder;
  onEdit: () => void;
  onChanged: () => void;
}

export function ReminderItem({ reminder, onEdit, onChanged }: Props) {
  const action = useAction();
  const title = reminder.error ? t("reminders.unreadable") : visible(reminder.title);
  const settle = (work: () => Promise<unknown>) => action.run(async () => {
    await work();
    dropReminder(reminder.id);
    onChanged();
  });
  const remove = () => settle(async () => {
    await deleteReminder(reminder.id);
    const again = { title: reminder.title, remind_at: reminder.remind_at, kind: reminder.kind,
      repeat: reminder.repeat, sound: reminder.sound };
    const undo = { label: t("common.undo"), run: () => action.run(async () => {
      await createReminder(again);
      onChanged();
    }) };
    const possible = new Date(reminder.remind_at) > new Date();
    toast(t("reminders.deleted", { title }), { actions: possible ? [undo] : [] });
  });
  const due = reminder.status === "due";
  return (
    <ListItem
      lead={<Icon name={reminder.kind === "alarm" ? "alarm" : "bell"} />}
      title={title}
      detail={
        <>
          {due && <strong>{t("reminders.due")} · </strong>}
          {when(reminder.remind_at)}
          {reminder.repeat && ` · ${t(`reminders.repeat_${reminder.repeat}`)}`}
          {reminder.sound && reminder.kind === "reminder" && ` · ${t("reminders.rings")}`}
        </>
      }
      actions={
        <>
          <Button small icon="check" busy={action.busy} onClick={() => settle(() => finishReminder(reminder.id))}>
            {t("notices.done")}
          </Button>
          {due && reminder.snoozes_left > 0 && (
            <SnoozeField
              title={title} disabled={action.busy}
              onSnooze={(minutes) => settle(() => snoozeReminder(reminder.id, minutes))}
            />
          )}
          <IconButton icon="edit" label={t("reminders.edit", { title })} onClick={onEdit} />
          <IconButton icon="trash" label={t("reminders.delete", { title })} disabled={action.busy} onClick={remove} />
        </>
      }
    />
  );
}
