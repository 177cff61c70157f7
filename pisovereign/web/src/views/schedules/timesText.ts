/** The times of a schedule in words. */

import { language, t } from "../../text/t";
import { fromCron } from "./cron";

/** Return `every Monday at 07:00`, or the expression where it is of another kind. */
export function timesText(cron: string): string {
  const { rhythm, time, weekday, dayOfMonth } = fromCron(cron);
  if (rhythm === "other") return cron;
  return t(`schedules.text_${rhythm}`, { time, weekday: weekdayName(weekday), day: dayOfMonth });
}

/** Return the name of a weekday; 1 is Monday. */
export function weekdayName(weekday: number): string {
  return new Intl.DateTimeFormat(language.value, { weekday: "long", timeZone: "UTC" })
    .format(new Date(Date.UTC(2024, 0, weekday)));
}
