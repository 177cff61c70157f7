/** One schedule: what, when, when next; switched on and off, begun at once, changed, deleted. */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { changeSchedule, deleteSchedule, runSchedule, type Schedule } from "../../api/tasks";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";
import { timesText } from "./timesText";

interface Props {
  schedule: Schedule;
  onEdit: () => void;
  onChanged: () => void;
}

export function ScheduleItem({ schedule, onEdit, onChanged }: Props) {
  const { route } = useLocation();
  const action = useAction();
  const [removing, setRemoving] = useState(false);
  const title = schedule.error ? t("reminders.unreadable") : visible(schedule.description);
  const next = schedule.next_at ? t("schedules.next", { when: when(schedule.next_at) }) : t("schedules.off");
  return (
    <ListItem
      title={title}
      detail={[timesText(schedule.cron), next, ...(schedule.source === "config" ? [t("schedules.configured")] : [])].join(" · ")}
      actions={
        <>
          <Button
            small icon="play" busy={action.busy}
            onClick={() => action.run(async () => route(`/tasks?id=${(await runSchedule(schedule.id)).task_id}`))}
          >
            {t("schedules.run")}
          </Button>
          {schedule.source === "stored" && (
            <>
              <Button
                small pressed={schedule.enabled} disabled={action.busy}
                onClick={() => action.run(async () => {
                  await changeSchedule(schedule.id, { enabled: !schedule.enabled });
                  onChanged();
                })}
              >
                {t("schedules.on")}
              </Button>
              <IconButton icon="edit" label={t("schedules.edit", { title })} onClick={onEdit} />
              <IconButton icon="trash" label={t("schedules.delete", { title })} onClick={() => setRemoving(true)} />
            </>
          )}
          {removing && (
            <ConfirmDialog
              title={t("schedules.delete_title")} action={t("common.delete")} danger onClose={() => setRemoving(false)}
              onConfirm={async () => {
                await deleteSchedule(schedule.id);
                onChanged();
              }}
            >
              <p>{title}</p>
            </ConfirmDialog>
          )}
        </>
      }
    />
  );
}
