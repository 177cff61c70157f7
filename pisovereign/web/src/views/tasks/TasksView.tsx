/** Tasks: one is begun here, goes on by itself, and is followed live (`/tasks?id=…`). */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { createTask, listTasks } from "../../api/tasks";
import { useEvents } from "../../app/events";
import { Button } from "../../components/Button";
import { CheckField } from "../../components/CheckField";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { OneTask } from "./OneTask";
import { TaskItem } from "./TaskItem";

const STEP = 30;
const MOST = 500;

export default function TasksView() {
  const { query } = useLocation();
  return query.id ? <OneTask key={query.id} id={query.id} /> : <AllTasks />;
}

function AllTasks() {
  const { route } = useLocation();
  const [limit, setLimit] = useState(STEP);
  const tasks = useResource((signal) => listTasks(limit, signal), [limit]);
  const [text, setText] = useState("");
  const [askFirst, setAskFirst] = useState(false);
  const action = useAction();
  useEvents(["task_finished", "approval_requested", "approval_decided"], () => void tasks.reload());
  const begin = async () => {
    const made = await createTask(text, askFirst);
    route(`/tasks?id=${made.task_id}`);
  };
  return (
    <Page title={t("tasks.title")} lead={t("tasks.lead")} actions={<a href="/schedules">{t("schedules.title")}</a>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) action.run(begin);
        }}
      >
        <TextField
          label={t("tasks.what")} value={text} onInput={setText} lines={3} maxLength={4000} placeholder={t("tasks.example")}
        />
        <CheckField label={t("tasks.ask_first")} checked={askFirst} onChange={setAskFirst} />
        <Button kind="primary" type="submit" icon="play" busy={action.busy}>{t("tasks.begin")}</Button>
      </form>
      <h2>{t("tasks.history")}</h2>
      <ResourceView resource={tasks}>
        {({ entries, total }) => entries.length === 0 ? (
          <EmptyState icon="workflow" text={t("tasks.empty")} />
        ) : (
          <>
            <List label={t("tasks.history")}>
              {entries.map((each) => <TaskItem key={each.task_id} task={each} />)}
            </List>
            {total > entries.length && limit < MOST && (
              <Button busy={tasks.loading} onClick={() => setLimit(Math.min(limit + STEP, MOST))}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}
