/** One event: when, what and where. */

import type { CalendarEvent } from "../../api/calendar";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { clock } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  event: CalendarEvent;
  onEdit?: () => void;
  onDelete?: () => void;
}

export function EventItem({ event, onEdit, onDelete }: Props) {
  const title = visible(event.title);
  const time = event.all_day ? t("calendar.all_day") : `${clock(event.start)} – ${clock(event.end)}`;
  const where = [event.location, event.calendar].filter(Boolean).map((each) => visible(String(each)));
  return (
    <ListItem
      title={title} detail={[time, ...where].join(" · ")}
      actions={event.id === null ? (
        onEdit && <span class="hint">{t("calendar.recurs")}</span>
      ) : onEdit && (
        <>
          <IconButton icon="edit" label={t("calendar.edit", { title })} onClick={onEdit} />
          <IconButton icon="trash" label={t("calendar.delete_of", { title })} onClick={() => onDelete?.()} />
        </>
      )}
    />
  );
}
