/** Events in the order of their days. */

import type { CalendarEvent } from "../../api/calendar";
import { dayName, midnight } from "../../text/when";
import { EventItem } from "./EventItem";

interface Props {
  events: readonly CalendarEvent[];
  /** What began before it is listed on this day. */
  from: Date;
  onEdit: (event: CalendarEvent) => void;
  onDelete: (event: CalendarEvent) => void;
}

export function Agenda({ events, from, onEdit, onDelete }: Props) {
  const byDay = new Map<number, CalendarEvent[]>();
  for (const event of events) {
    const day = Math.max(midnight(new Date(event.start)).getTime(), from.getTime());
    byDay.set(day, [...(byDay.get(day) ?? []), event]);
  }
  return (
    <>
      {[...byDay].sort(([a], [b]) => a - b).map(([day, ofDay]) => (
        <section key={day}>
          <h3 class="agenda-day">{dayName(new Date(day))}</h3>
          <ul class="list">
            {ofDay.map((each) => (
              <EventItem
                key={`${each.start}${each.title}`} event={each} onEdit={() => onEdit(each)} onDelete={() => onDelete(each)}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
