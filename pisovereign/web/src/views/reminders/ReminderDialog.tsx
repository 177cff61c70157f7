/** A reminder or an alarm by form: what, when, how often, and whether it rings. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import {
  changeReminder, createReminder, REPEATS, type Reminder, type ReminderKind, type Repeat,
} from "../../api/reminders";
import { Button } from "../../components/Button";
import { CheckField } from "../../components/CheckField";
import { Dialog } from "../../components/Dialog";
import { ErrorLine } from "../../components/ErrorLine";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { dropReminder } from "../../notices/notices";
import { t } from "../../text/t";
import { fromField, toField, when } from "../../text/when";

const HOUR_MS = 3_600_000;

interface Props {
  /** What is changed; null: a new one. */
  reminder: Reminder | null;
  kind: ReminderKind;
  title?: string;
  onSaved: () => void;
  onClose: () => void;
}

export function ReminderDialog({ reminder, kind, title: given = "", onSaved, onClose }: Props) {
  const [title, setTitle] = useState(reminder?.title ?? (given || (kind === "alarm" ? t("timers.alarm") : "")));
  const [at, setAt] = useState(toField(firstTime(reminder, kind)));
  const [repeat, setRepeat] = useState<Repeat | "">(reminder?.repeat ?? "");
  const [sound, setSound] = useState(reminder?.sound ?? kind === "alarm");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = fieldErrors(error);
  const save = async (event: Event) => {
    event.preventDefault();
    const remindAt = fromField(at);
    if (remindAt === null) return;
    setBusy(true);
    try {
      const saved = reminder
        ? await changeReminder(reminder.id, {
          title, sound, ...(at !== toField(new Date(reminder.remind_at)) && { remind_at: remindAt }),
        })
        : await createReminder({ title, remind_at: remindAt, kind, sound, repeat: repeat || null });
      if (saved.status !== "due") dropReminder(saved.id);
      toast(t("reminders.saved", { when: when(saved.remind_at) }));
      onSaved();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const id = "reminder-form";
  return (
    <Dialog title={t(reminder ? "reminders.change" : kind === "alarm" ? "timers.new_alarm" : "reminders.new")} onClose={onClose}>
      <form id={id} onSubmit={(event) => void save(event)}>
        <TextField
          label={t(kind === "alarm" ? "timers.label" : "reminders.what")} value={title} onInput={setTitle} required
          maxLength={500} error={wrong.title}
        />
        <TextField
          label={t("reminders.when")} type="datetime-local" value={at} onInput={setAt} required error={wrong.remind_at}
          hint={fromField(at) ? when(fromField(at) ?? "") : undefined}
        />
        {reminder === null ? (
          <SelectField
            label={t("reminders.repeat")} value={repeat} onChange={setRepeat} error={wrong.repeat}
            choices={[
              { value: "" as const, label: t("reminders.once") },
              ...REPEATS.map((value) => ({ value, label: t(`reminders.repeat_${value}`) })),
            ]}
          />
        ) : reminder.repeat && <p class="hint">{t("reminders.series", { repeat: t(`reminders.repeat_${reminder.repeat}`) })}</p>}
        <CheckField label={t("reminders.sound")} checked={sound} onChange={setSound} />
        <ErrorLine error={error} />
        <div class="actions">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" busy={busy}>{t("common.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function firstTime(reminder: Reminder | null, kind: ReminderKind): Date {
  if (reminder) return new Date(reminder.remind_at);
  const now = new Date();
  if (kind !== "alarm") return new Date(Math.ceil((now.getTime() + HOUR_MS / 2) / HOUR_MS) * HOUR_MS);
  // Who wants to be woken means the next morning.
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + (now.getHours() < 6 ? 0 : 1), 7);
}
