/** The events of today and tomorrow. */

import { listEvents } from "../../api/calendar";
import { Card } from "../../components/Card";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { clock } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { dayName, midnight } from "../../text/when";

export function TodayEvents() {
  const events = useResource((signal) => listEvents(midnight(new Date()), 2, signal));
  const now = new Date();
  return (
    <Card title={t("today.events")} actions={<a href="/calendar">{t("today.all_events")}</a>}>
      <ResourceView resource={events}>
        {(data) => {
          const ahead = data.events.filter((each) => new Date(each.end) > now);
          return ahead.length === 0 ? (
            <p class="hint">{t("today.no_events")}</p>
          ) : (
            <ul class="plain-list">
              {ahead.map((each) => (
                <li key={each.start + each.title}>
                  <strong>{dayName(each.start)}, {each.all_day ? t("calendar.all_day") : clock(each.start)}</strong>{" "}
                  {visible(each.title)}
                </li>
              ))}
            </ul>
          );
        }}
      </ResourceView>
    </Card>
  );
}
