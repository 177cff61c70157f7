/** How far something is, as an icon beside the words that say so. */

import type { PartStatus, TaskStatus } from "../../api/tasks";
import { Icon, type IconName } from "../../components/Icon";

const ICONS: Record<TaskStatus | PartStatus, IconName> = {
  planning: "clock", pending: "clock", awaiting_approval: "shield", running: "refresh", completed: "done", failed: "alert",
  cancelled: "close",
};

export function StatusIcon({ status }: { status: TaskStatus | PartStatus }) {
  return <span class={`status ${status}`}><Icon name={ICONS[status]} /></span>;
}
