/** What an answer used: the model, memories, tokens and how fast it came. */

import { useState } from "preact/hooks";
import { t } from "../../text/t";
import { number, percent } from "../../text/format";
import { visible } from "../../text/visible";
import type { ChatMessage } from "./types";
import { UsedMemories } from "./UsedMemories";

export function AnswerDetails({ message: { details, model, tools } }: { message: ChatMessage }) {
  const [open, setOpen] = useState(false);
  if (details === null) return null;
  const { tokens, speed, memories = [] } = details;
  const ran = tools.filter(({ result }) => result !== null).length;
  return (
    <details class="answer-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("chat.details")}</summary>
      <dl>
        {model && <><dt>{t("chat.details_model")}</dt><dd>{visible(model)}</dd></>}
        {speed && <><dt>{t("chat.details_first")}</dt><dd>{t("chat.seconds", { count: number(speed.first_s, 1) })}</dd></>}
        {speed?.tokens_per_s != null && (
          <><dt>{t("chat.details_speed")}</dt><dd>{t("chat.per_second", { count: number(speed.tokens_per_s, 1) })}</dd></>
        )}
        <dt>{t("chat.details_read")}</dt>
        <dd>
          {number(tokens.prompt)}
          {tokens.prompt > 0 && ` (${t("chat.details_cached", { share: percent(tokens.cached / tokens.prompt) })})`}
        </dd>
        <dt>{t("chat.details_written")}</dt><dd>{number(tokens.completion)}</dd>
        {ran > 0 && <><dt>{t("chat.details_tools")}</dt><dd>{number(ran)}</dd></>}
        <dt>{t("chat.details_memories")}</dt>
        <dd>{memories.length === 0 ? t("chat.none") : open && <UsedMemories used={memories} />}</dd>
      </dl>
      {details.degraded && <p class="hint">{t("chat.details_degraded")}</p>}
      {details.claim_withheld && <p class="hint">{t("chat.details_withheld")}</p>}
    </details>
  );
}
