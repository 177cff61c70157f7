/** A reminder in words: it is read, made, and told with its day, so that nothing is taken for something else. */

import { useState } from "preact/hooks";
import { readSentence, type ReadCommand } from "../../api/commands";
import { createReminder, deleteReminder, type NewReminder, type Repeat } from "../../api/reminders";
import { Button } from "../../components/Button";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { when } from "../../text/when";
import { ReminderDialog } from "./ReminderDialog";

export function QuickReminder({ onMade }: { onMade: () => void }) {
  const [text, setText] = useState("");
  const [byForm, setByForm] = useState(false);
  const action = useAction();
  const make = async () => {
    const read = await understand(text);
    if (read === null) {
      setByForm(true);
      return;
    }
    const made = await createReminder(read);
    setText("");
    onMade();
    const repeated = made.repeat ? `, ${t(`reminders.repeat_${made.repeat}`)}` : "";
    const undo = { label: t("common.undo"), run: async () => {
      await deleteReminder(made.id);
      onMade();
    } };
    toast(t("reminders.made", { when: when(made.remind_at) + repeated, title: made.title }), { actions: [undo], seconds: 10 });
  };
  return (
    <form
      class="quick-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) action.run(make);
      }}
    >
      <TextField
        label={t("reminders.in_words")} value={text} onInput={setText} maxLength={500} name="words"
        placeholder={t("reminders.in_words_example")} autoComplete="off"
      />
      <Button kind="primary" type="submit" busy={action.busy}>{t("common.add")}</Button>
      {byForm && (
        <ReminderDialog
          reminder={null} kind="reminder" title={text} onClose={() => setByForm(false)}
          onSaved={() => {
            setText("");
            onMade();
          }}
        />
      )}
    </form>
  );
}

/** Return what a text asks to be reminded of; null: it does not say what or when. */
async function understand(text: string): Promise<NewReminder | null> {
  for (const sentence of [text, t("reminders.sentence", { text })]) {
    const { command } = await readSentence(sentence);
    const read = command && newReminder(command);
    if (read) return read;
  }
  return null;
}

function newReminder(command: ReadCommand): NewReminder | null {
  const repeat = (command.repeat ?? null) as Repeat | null;
  if (command.type === "CreateReminder" && command.title && command.remind_at) {
    return { title: command.title, remind_at: command.remind_at, repeat };
  }
  if (command.type === "SetAlarm" && command.at) {
    return { title: command.label ?? t("timers.alarm"), remind_at: command.at, repeat, kind: "alarm" };
  }
  return null;
}
