/** The calendar: a month to choose a day in, and what takes place from then on. */

import { useEffect, useState } from "preact/hooks";
import { deleteEvent, listEvents, waits, type CalendarEvent, type Outcome } from "../../api/calendar";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { EmptyState } from "../../components/EmptyState";
import { IconButton } from "../../components/IconButton";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { toast } from "../../components/toasts";
import { useResource } from "../../components/useResource";
import { approvalChanges } from "../../notices/notices";
import { language, t } from "../../text/t";
import { visible } from "../../text/visible";
import { midnight } from "../../text/when";
import { Agenda } from "./Agenda";
import { CalendarTasks } from "./CalendarTasks";
import { EventDialog } from "./EventDialog";
import { FeedCard } from "./FeedCard";
import { MonthGrid, monthDays } from "./MonthGrid";

const AGENDA_DAYS = 14;

export default function CalendarView() {
  const [chosen, setChosen] = useState(() => midnight(new Date()));
  const [month, setMonth] = useState(() => new Date(chosen.getFullYear(), chosen.getMonth(), 1));
  const [edited, setEdited] = useState<CalendarEvent | "new" | null>(null);
  const [removed, setRemoved] = useState<CalendarEvent | null>(null);
  const days = monthDays(month);
  const first = days[0] ?? month;
  const shown = useResource((signal) => listEvents(first, days.length + AGENDA_DAYS, signal), [first.getTime()]);
  useEffect(() => {
    if (approvalChanges.value > 0) void shown.reload();
  }, [approvalChanges.value]);
  const told = (outcome: Outcome) => {
    toast(t(waits(outcome) ? "calendar.waits" : "calendar.done"));
    if (!waits(outcome)) void shown.reload();
  };
  const turn = (by: number) => setMonth(new Date(month.getFullYear(), month.getMonth() + by, 1));
  const name = new Intl.DateTimeFormat(language.value, { month: "long", year: "numeric" }).format(month);
  return (
    <Page
      title={t("calendar.title")}
      actions={<Button kind="primary" icon="plus" onClick={() => setEdited("new")}>{t("calendar.new")}</Button>}
    >
      <div class="month-header">
        <IconButton icon="left" label={t("calendar.previous")} onClick={() => turn(-1)} />
        <h2 aria-live="polite">{name}</h2>
        <IconButton icon="right" label={t("calendar.next")} onClick={() => turn(1)} />
      </div>
      <MonthGrid days={days} month={month} chosen={chosen} events={shown.data?.events ?? []} onChoose={setChosen} />
      <ResourceView resource={shown}>
        {({ events }) => {
          const from = chosen < first ? first : chosen;
          const ahead = events.filter((each) => new Date(each.end) > from);
          return ahead.length === 0 ? (
            <EmptyState icon="calendar" text={t("calendar.empty")} />
          ) : (
            <Agenda events={ahead} from={from} onEdit={setEdited} onDelete={setRemoved} />
          );
        }}
      </ResourceView>
      <CalendarTasks />
      <FeedCard />
      {edited && (
        <EventDialog event={edited === "new" ? null : edited} day={chosen} onClose={() => setEdited(null)} onDone={told} />
      )}
      {removed?.id && (
        <ConfirmDialog
          title={t("calendar.delete")} action={t("calendar.ask_delete")} danger onClose={() => setRemoved(null)}
          onConfirm={async () => {
            told(await deleteEvent(removed.id ?? ""));
          }}
        >
          <p>{visible(removed.title)}</p>
          <p>{t("calendar.approval_hint")}</p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
