/** One task: its parts as they go on, what came of it, and an end to it. */

import { cancelTask, getTask, isOver } from "../../api/tasks";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";
import { StatusIcon } from "./StatusIcon";
import { TaskPartItem } from "./TaskPartItem";
import { useTaskStream } from "./useTaskStream";

export function OneTask({ id }: { id: string }) {
  const task = useResource((signal) => getTask(id, signal), [id]);
  const action = useAction();
  // Each event says that something is different; what it is now is in the task itself.
  useTaskStream(id, task.data !== undefined && !isOver(task.data), task.reload);
  const stop = async () => {
    await cancelTask(id);
    await task.reload();
  };
  return (
    <Page
      title={t("tasks.one")} lead={<a href="/tasks">{t("tasks.all")}</a>}
      actions={task.data && !isOver(task.data) && (
        <Button kind="danger" icon="stop" busy={action.busy} onClick={() => action.run(stop)}>{t("tasks.cancel")}</Button>
      )}
    >
      <ResourceView resource={task}>
        {(data) => (
          <>
            <p class="task-text">{data.error ? t("reminders.unreadable") : visible(data.description)}</p>
            <p class="task-status" role="status">
              <StatusIcon status={data.status} /> {t(`tasks.status_${data.status}`)} · {when(data.finished_at ?? data.created_at)}
            </p>
            {data.reason && <p class="hint">{visible(data.reason)}</p>}
            {data.result && (
              <Card title={t("tasks.result")} tone="accent"><p class="task-text">{visible(data.result)}</p></Card>
            )}
            {data.sub_agents.length > 0 && (
              <>
                <h2>{t("tasks.parts")}</h2>
                <ol class="list">
                  {data.sub_agents.map((part) => <TaskPartItem key={part.id} part={part} />)}
                </ol>
              </>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}
