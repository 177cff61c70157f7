/** One memory: its text, how well it fits, and why it is remembered. */

import { useState } from "preact/hooks";
import { kindOf, type Memory } from "../../api/memories";
import { Button } from "../../components/Button";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { VisibleText } from "../../components/VisibleText";
import { percent } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { OriginPanel } from "./OriginPanel";

// The program's own label of what it chose from a conversation, which its origin says in words.
const LEARNED = "learned";

interface Props {
  memory: Memory;
  onEdit: () => void;
  onForget: () => void;
}

export function MemoryItem({ memory, onEdit, onForget }: Props) {
  const [open, setOpen] = useState(false);
  const { similarity } = memory;
  const tags = memory.tags.filter((each) => each !== LEARNED);
  const detail = (
    <>
      {t(`memories.kind_${kindOf(memory)}`)} · <Time at={memory.created_at} show="day" />
      {" · "}{t("memories.importance", { value: percent(memory.importance) })}
      {similarity != null && <> · {t("memories.similarity", { value: percent(Math.max(0, similarity)) })}</>}
      {memory.superseded_by && <> · {t("memories.superseded")}</>}
      {tags.length > 0 && <> · {visible(tags.join(", "))}</>}
    </>
  );
  return (
    <ListItem
      title={memory.error ? memory.error : <VisibleText text={memory.content} most={400} mostLines={8} />} detail={detail}
      actions={
        <>
          <Button small kind="quiet" expanded={open} onClick={() => setOpen(!open)}>{t("memories.why")}</Button>
          {!memory.error && <IconButton icon="edit" label={t("common.edit")} onClick={onEdit} />}
          <IconButton icon="trash" label={t("memories.forget")} onClick={onForget} />
        </>
      }
    >
      {open && <OriginPanel id={memory.id} />}
    </ListItem>
  );
}
