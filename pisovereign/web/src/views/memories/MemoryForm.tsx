/** Adds something to what is remembered, or changes it. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/client";
import { addMemory, changeMemory, kindOf, KINDS, type Kind, type Memory } from "../../api/memories";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { percent } from "../../text/format";
import { t } from "../../text/t";

interface Props {
  memory: Memory | null;
  onDone: () => void;
  onClose: () => void;
}

const LONGEST = 32_000;

export function MemoryForm({ memory, onDone, onClose }: Props) {
  const [content, setContent] = useState(memory?.content ?? "");
  const [kind, setKind] = useState<Kind>(memory ? kindOf(memory) : "fact");
  const [importance, setImportance] = useState(String(memory?.importance ?? 0.8));
  const [tags, setTags] = useState(memory?.tags.join(", ") ?? "");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = async () => {
    const names = tags.split(",").map((tag) => tag.trim()).filter(Boolean);
    const draft = { content, memory_type: kind, importance: Number(importance), tags: names };
    try {
      const saved = memory ? await changeMemory(memory.id, draft) : await addMemory(draft);
      toast(t("merged" in saved && saved.merged ? "memories.merged" : "memories.saved"));
      onDone();
    } catch (error) {
      setErrors(fieldErrors(error));
      throw error;
    }
  };
  return (
    <ConfirmDialog title={t(memory ? "memories.change" : "memories.add")} action={t("common.save")} onConfirm={save} onClose={onClose}>
      <TextField label={t("memories.content")} hint={t("memories.content_hint")} value={content} onInput={setContent} lines={4} maxLength={LONGEST} required error={errors.content ?? errors.summary} />
      <SelectField label={t("memories.kind")} value={kind} onChange={setKind} choices={KINDS.map((value) => ({ value, label: t(`memories.kind_${value}`) }))} />
      <SelectField
        label={t("memories.how_important")} value={importance} onChange={setImportance}
        choices={importances(importance).map((value) => ({ value, label: percent(Number(value)) }))}
      />
      <TextField label={t("memories.tags")} hint={t("memories.tags_hint")} value={tags} onInput={setTags} error={errors.tags} />
    </ConfirmDialog>
  );
}

function importances(current: string): string[] {
  return [...new Set(["0.2", "0.5", "0.8", "1", current])].sort((one, other) => Number(one) - Number(other));
}
