/** The to-dos of the calendar below its events; on a server, adding and completing wait for an approval. */

import { useEffect, useState } from "preact/hooks";
import { addCalendarTask, completeCalendarTask, listCalendarTasks } from "../../api/calendarTasks";
import { waits, type Outcome } from "../../api/calendar";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { IconButton } from "../../components/IconButton";
import { List } from "../../components/List";
import { ListItem } from "../../components/ListItem";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { approvalChanges } from "../../notices/notices";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { dueOf } from "./taskDue";

export function CalendarTasks() {
  const tasks = useResource((signal) => listCalendarTasks(null, signal));
  const [title, setTitle] = useState("");
  const [day, setDay] = useState("");
  const action = useAction();
  useEffect(() => {
    if (approvalChanges.value > 0) void tasks.reload();
  }, [approvalChanges.value]);
  const told = (outcome: Outcome) => {
    toast(t(waits(outcome) ? "calendar.waits" : "calendar.done"));
    if (!waits(outcome)) void tasks.reload();
  };
  const add = async () => {
    const due = day ? { due: new Date(`${day}T00:00`).toISOString(), whole_day: true } : {};
    told(await addCalendarTask({ title, ...due }));
    setTitle("");
    setDay("");
  };
  const complete = async (id: string) => {
    told(await completeCalendarTask(id));
  };
  return (
    <section class="calendar-tasks" aria-labelledby="calendar-tasks">
      <h2 id="calendar-tasks">{t("todos.title")}</h2>
      <form
        class="quick-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim()) action.run(add);
        }}
      >
        <TextField label={t("todos.new")} value={title} onInput={setTitle} maxLength={500} autoComplete="off" />
        <TextField label={t("todos.due")} type="date" value={day} onInput={setDay} />
        <Button type="submit" busy={action.busy}>{t("calendar.ask")}</Button>
      </form>
      <ResourceView resource={tasks}>
        {(all) => all.length === 0 ? (
          <p class="hint">{t("todos.none")}</p>
        ) : (
          <List label={t("todos.title")}>
            {all.map((each) => (
              <ListItem
                key={each.id ?? each.title} lead={<Icon name="list" />} title={visible(each.title)}
                detail={[dueOf(each), visible(each.list ?? "")].filter(Boolean).join(" · ")}
                actions={each.id && (
                  <IconButton
                    icon="check" label={t("todos.complete", { title: visible(each.title) })}
                    onClick={() => action.run(() => complete(each.id ?? ""))}
                  />
                )}
              />
            ))}
          </List>
        )}
      </ResourceView>
    </section>
  );
}
