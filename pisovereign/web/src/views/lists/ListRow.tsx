/** One item: checked off by a touch, moved by buttons that keyboards reach too. */

import { changeItem, removeItem, type ListEntry } from "../../api/lists";
import { IconButton } from "../../components/IconButton";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  list: string;
  item: ListEntry;
  onChanged: () => void;
  /** Null at the ends. */
  onUp: (() => void) | null;
  onDown: (() => void) | null;
}

export function ListRow({ list, item, onChanged, onUp, onDown }: Props) {
  const action = useAction();
  const text = item.error ? t("reminders.unreadable") : visible(item.text);
  const change = (work: () => Promise<unknown>) => action.run(async () => {
    await work();
    onChanged();
  });
  return (
    <li class="list-item list-row">
      <label class={item.done ? "checked" : ""}>
        <input
          type="checkbox" checked={item.done} disabled={action.busy}
          onChange={(event) => {
            const done = event.currentTarget.checked;
            change(() => changeItem(list, item.id, { done }));
          }}
        />
        <span>{text}</span>
      </label>
      <div class="list-actions">
        <IconButton icon="up" label={t("lists.up", { text })} disabled={!onUp} onClick={() => onUp?.()} />
        <IconButton icon="down" label={t("lists.down", { text })} disabled={!onDown} onClick={() => onDown?.()} />
        <IconButton
          icon="trash" label={t("lists.remove", { text })} disabled={action.busy}
          onClick={() => change(() => removeItem(list, item.id))}
        />
      </div>
    </li>
  );
}
