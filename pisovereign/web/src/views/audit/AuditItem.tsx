/** One entry of the log. */

import type { AuditEntry } from "../../api/audit";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { VisibleText } from "../../components/VisibleText";
import { hasText, t } from "../../text/t";
import { visible } from "../../text/visible";

export function AuditItem({ entry }: { entry: AuditEntry }) {
  const event = hasText(`audit.event_${entry.event}`) ? t(`audit.event_${entry.event}`) : entry.event.replace("_", " ");
  return (
    <ListItem
      lead={<span class="hint">{entry.seq}</span>}
      title={<VisibleText text={entry.error ?? (entry.what || entry.subject)} most={240} mostLines={4} />}
      detail={
        <>
          {event} · {entry.actor === "system" ? t("audit.system") : visible(entry.actor)} · <Time at={entry.at} />
        </>
      }
    />
  );
}
