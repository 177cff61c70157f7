/** Changes one's own message; what followed it goes. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/Button";
import { t } from "../../text/t";
import { LONGEST_MESSAGE } from "./MessageInput";

interface Props {
  text: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}

export function MessageEditor({ text, onSave, onCancel }: Props) {
  const [value, setValue] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        if (value.trim()) onSave(value.trim());
      }}
    >
      <textarea
        ref={field} aria-label={t("chat.edit")} value={value} rows={Math.min(12, value.split("\n").length + 1)}
        maxLength={LONGEST_MESSAGE} onInput={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onCancel()}
      />
      <p class="hint">{t("chat.edit_hint")}</p>
      <div class="actions">
        <Button kind="primary" type="submit" small>{t("chat.send_again")}</Button>
        <Button small onClick={onCancel}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
