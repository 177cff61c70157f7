/** What is done again and again: those made here, and those of the configuration. */

import { useState } from "preact/hooks";
import { listSchedules, type Schedule } from "../../api/tasks";
import { useEvents } from "../../app/events";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { ScheduleDialog } from "./ScheduleDialog";
import { ScheduleItem } from "./ScheduleItem";

export default function SchedulesView() {
  const schedules = useResource((signal) => listSchedules(signal));
  const [edited, setEdited] = useState<Schedule | "new" | null>(null);
  useEvents(["task_finished"], () => void schedules.reload());
  const reload = () => void schedules.reload();
  return (
    <Page
      title={t("schedules.title")} lead={t("schedules.lead")}
      actions={<Button kind="primary" icon="plus" onClick={() => setEdited("new")}>{t("schedules.new")}</Button>}
    >
      <ResourceView resource={schedules}>
        {(all) => all.length === 0 ? (
          <EmptyState icon="refresh" text={t("schedules.empty")} />
        ) : (
          <List label={t("schedules.title")}>
            {all.map((each) => (
              <ScheduleItem key={each.id} schedule={each} onEdit={() => setEdited(each)} onChanged={reload} />
            ))}
          </List>
        )}
      </ResourceView>
      {edited && (
        <ScheduleDialog schedule={edited === "new" ? null : edited} onClose={() => setEdited(null)} onSaved={reload} />
      )}
    </Page>
  );
}
