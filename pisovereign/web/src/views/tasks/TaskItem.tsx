/** One task of the list. */

import type { Task } from "../../api/tasks";
import { ListItem } from "../../components/ListItem";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";
import { StatusIcon } from "./StatusIcon";

export function TaskItem({ task }: { task: Task }) {
  const text = task.error ? t("reminders.unreadable") : visible(task.description);
  return (
    <ListItem
      lead={<StatusIcon status={task.status} />}
      title={<a class="task-link" href={`/tasks?id=${task.task_id}`}>{text}</a>}
      detail={
        <>
          {t(`tasks.status_${task.status}`)} · {when(task.created_at)}
          {task.scheduled_by && ` · ${t("tasks.scheduled")}`}
        </>
      }
    />
  );
}
