/** The days of a month; a mark says that something takes place, and how much is read aloud. */

import type { CalendarEvent } from "../../api/calendar";
import { day as dayText } from "../../text/format";
import { language, t } from "../../text/t";
import { midnight } from "../../text/when";

interface Props {
  days: readonly Date[];
  month: Date;
  chosen: Date;
  events: readonly CalendarEvent[];
  onChoose: (day: Date) => void;
}

const WEEK = 7;

/** Return whole weeks, from Monday on, that hold a month. */
export function monthDays(month: Date): Date[] {
  const before = (month.getDay() + WEEK - 1) % WEEK;
  const length = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
  const count = Math.ceil((before + length) / WEEK) * WEEK;
  return Array.from({ length: count }, (_, at) => new Date(month.getFullYear(), month.getMonth(), 1 - before + at));
}

export function MonthGrid({ days, month, chosen, events, onChoose }: Props) {
  const today = midnight(new Date()).getTime();
  const weekdays = new Intl.DateTimeFormat(language.value, { weekday: "short" });
  return (
    <div class="month-grid" role="group" aria-label={t("calendar.month")}>
      {days.slice(0, WEEK).map((each) => (
        <span key={each.getDay()} class="month-weekday" aria-hidden="true">{weekdays.format(each)}</span>
      ))}
      {days.map((each) => {
        const count = countOf(events, each);
        const label = count ? t("calendar.day_with", { day: dayText(each), count }) : dayText(each);
        const other = each.getMonth() !== month.getMonth();
        return (
          <button
            key={each.getTime()} type="button" aria-label={label} aria-pressed={each.getTime() === chosen.getTime()}
            aria-current={each.getTime() === today ? "date" : undefined} class={`month-day ${other ? "other" : ""}`}
            onClick={() => onChoose(each)}
          >
            <span aria-hidden="true">{each.getDate()}</span>
            <span class="month-marks" aria-hidden="true">{"•".repeat(Math.min(count, 3))}</span>
          </button>
        );
      })}
    </div>
  );
}

/** Return how many events touch a day. */
function countOf(events: readonly CalendarEvent[], day: Date): number {
  const end = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
  return events.filter((each) => new Date(each.start) < end && new Date(each.end) > day).length;
}
