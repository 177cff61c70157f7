/** A schedule by form: what is asked for, and when. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { changeSchedule, createSchedule, type Schedule } from "../../api/tasks";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ErrorLine } from "../../components/ErrorLine";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { when } from "../../text/when";
import { fromCron, RHYTHMS, toCron, type Times } from "./cron";
import { weekdayName } from "./timesText";

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

interface Props {
  schedule: Schedule | null;
  onSaved: () => void;
  onClose: () => void;
}

export function ScheduleDialog({ schedule, onSaved, onClose }: Props) {
  const [text, setText] = useState(schedule?.description ?? t("schedules.briefing"));
  const [times, setTimes] = useState<Times>(fromCron(schedule?.cron ?? "0 7 * * *"));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = fieldErrors(error);
  const change = (part: Partial<Times>) => setTimes({ ...times, ...part });
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const cron = toCron(times);
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const saved = schedule
        ? await changeSchedule(schedule.id, { description: text, ...(cron !== schedule.cron && { cron, time_zone: zone }) })
        : await createSchedule({ description: text, cron, time_zone: zone });
      toast(saved.next_at ? t("schedules.saved", { when: when(saved.next_at) }) : t("schedules.off"));
      onSaved();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t(schedule ? "schedules.change" : "schedules.new")} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <TextField
          label={t("schedules.what")} value={text} onInput={setText} required lines={2} maxLength={4000}
          error={wrong.description} hint={t("schedules.what_hint")}
        />
        <SelectField
          label={t("schedules.rhythm")} value={times.rhythm} onChange={(rhythm) => change({ rhythm })}
          choices={RHYTHMS.map((value) => ({ value, label: t(`schedules.${value}`) }))}
        />
        {times.rhythm === "weekly" && (
          <SelectField
            label={t("schedules.weekday")} value={String(times.weekday)}
            onChange={(weekday) => change({ weekday: Number(weekday) })}
            choices={WEEKDAYS.map((each) => ({ value: String(each), label: weekdayName(each) }))}
          />
        )}
        {times.rhythm === "monthly" && (
          <TextField
            label={t("schedules.day")} type="number" min={1} max={31} required value={String(times.dayOfMonth)}
            onInput={(day) => change({ dayOfMonth: Number(day) })} hint={t("schedules.day_hint")}
          />
        )}
        {times.rhythm === "other" ? (
          <TextField
            label={t("schedules.cron")} value={times.cron} onInput={(cron) => change({ cron })} required error={wrong.cron}
            hint={t("schedules.cron_hint")}
          />
        ) : (
          <TextField
            label={t("schedules.time")} type="time" required value={times.time} onInput={(time) => change({ time })}
            error={wrong.cron}
          />
        )}
        <ErrorLine error={error} />
        <div class="actions">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" busy={busy}>{t("common.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
