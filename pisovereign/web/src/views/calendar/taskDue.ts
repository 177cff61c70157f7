/** When a to-do is due, in words. */

import type { CalendarTask } from "../../api/calendarTasks";
import { t } from "../../text/t";
import { dayName, midnight, when } from "../../text/when";

export function dueOf(task: CalendarTask): string {
  if (!task.due) return "";
  const due = task.whole_day ? dayName(task.due) : when(task.due);
  const over = task.whole_day ? new Date(task.due) < midnight(new Date()) : new Date(task.due) < new Date();
  return over ? t("todos.overdue", { due }) : due;
}
