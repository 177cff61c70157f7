/** An event by form; on a server it waits for an approval, which shows it once more. */

import { useState } from "preact/hooks";
import { changeEvent, createEvent, type CalendarEvent, type Outcome } from "../../api/calendar";
import { fieldErrors } from "../../api/errors";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";
import { fromField, toField, when } from "../../text/when";

const HOUR_MS = 3_600_000;

interface Props {
  /** What is changed; null: a new one. */
  event: CalendarEvent | null;
  day: Date;
  onClose: () => void;
  /** What was asked for is done, or waits. */
  onDone: (outcome: Outcome) => void;
}

export function EventDialog({ event, day, onClose, onDone }: Props) {
  const begins = event ? new Date(event.start) : new Date(day.getTime() + 10 * HOUR_MS);
  const [title, setTitle] = useState(event?.title ?? "");
  const [start, setStart] = useState(toField(begins));
  const [end, setEnd] = useState(toField(event ? new Date(event.end) : new Date(begins.getTime() + HOUR_MS)));
  const [location, setLocation] = useState(event?.location ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = fieldErrors(error);
  const moveStart = (value: string) => {
    const [from, to, was] = [fromField(value), fromField(end), fromField(start)];
    // An event that is moved stays as long as it is.
    if (from && to && was) {
      setEnd(toField(new Date(new Date(to).getTime() + new Date(from).getTime() - new Date(was).getTime())));
    }
    setStart(value);
  };
  const save = async (submitted: Event) => {
    submitted.preventDefault();
    const [from, to] = [fromField(start), fromField(end)];
    if (!from || !to) return;
    setBusy(true);
    try {
      let outcome: Outcome;
      if (event?.id) {
        outcome = await changeEvent(event.id, {
          ...(title !== event.title && { title }),
          ...(location !== (event.location ?? "") && { location }),
          ...(start !== toField(new Date(event.start)) && { start: from }),
          ...(end !== toField(new Date(event.end)) && { end: to }),
        });
      } else {
        outcome = await createEvent({ title, start: from, end: to, ...(location.trim() && { location }) });
      }
      onDone(outcome);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t(event ? "calendar.change" : "calendar.new")} onClose={onClose}>
      <form onSubmit={(submitted) => void save(submitted)}>
        <TextField label={t("calendar.what")} value={title} onInput={setTitle} required maxLength={500} error={wrong.title} />
        <TextField
          label={t("calendar.start")} type="datetime-local" value={start} onInput={moveStart} required error={wrong.start}
          hint={fromField(start) ? when(fromField(start) ?? "") : undefined}
        />
        <TextField
          label={t("calendar.end")} type="datetime-local" value={end} onInput={setEnd} required error={wrong.end}
        />
        <TextField label={t("calendar.where")} value={location} onInput={setLocation} maxLength={200} error={wrong.location} />
        <p class="hint">{t("calendar.approval_hint")}</p>
        <ErrorLine error={error} />
        <div class="actions">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" busy={busy}>{t("calendar.ask")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
