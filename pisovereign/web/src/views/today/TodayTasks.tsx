/** To-dos that are due today or overdue, where there are any. */

import { listCalendarTasks } from "../../api/calendarTasks";
import { Card } from "../../components/Card";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { dueOf } from "../calendar/taskDue";

export function TodayTasks() {
  const due = useResource((signal) => listCalendarTasks(1, signal));
  // The calendar's card tells what is wrong with its server.
  if (!due.data || due.data.length === 0) return null;
  return (
    <Card title={t("todos.today")} actions={<a href="/calendar">{t("todos.all")}</a>}>
      <ul class="plain-list">
        {due.data.map((each) => (
          <li key={each.id ?? each.title}><strong>{dueOf(each)}</strong> {visible(each.title)}</li>
        ))}
      </ul>
    </Card>
  );
}
