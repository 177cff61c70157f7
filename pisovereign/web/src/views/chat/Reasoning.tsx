/** What a model thought before it answered, folded. */

import { Markdown } from "../../components/Markdown";
import { t } from "../../text/t";

export function Reasoning({ text, growing }: { text: string; growing: boolean }) {
  return (
    <details class="reasoning">
      <summary>{t(growing ? "chat.thinking" : "chat.thought")}</summary>
      <Markdown text={text} growing={growing} />
    </details>
  );
}
