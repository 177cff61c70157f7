/** One part of a task; a long result is folded. */

import type { TaskPart } from "../../api/tasks";
import { ListItem } from "../../components/ListItem";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { StatusIcon } from "./StatusIcon";

const LONG = 300;

export function TaskPartItem({ part }: { part: TaskPart }) {
  const text = visible(part.result ?? part.reason ?? "");
  return (
    <ListItem
      lead={<StatusIcon status={part.status} />} title={visible(part.description)} detail={t(`tasks.status_${part.status}`)}
    >
      {text && (text.length <= LONG ? (
        <p class="task-text">{text}</p>
      ) : (
        <details>
          <summary>{t("tasks.show_result", { count: text.length })}</summary>
          <p class="task-text">{text}</p>
        </details>
      ))}
    </ListItem>
  );
}
