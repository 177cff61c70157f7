/** What can be done with a message: copy it, change one's own, ask for an answer again. */

import { CopyButton } from "../../components/CopyButton";
import { IconButton } from "../../components/IconButton";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { ReadAloudButton } from "./ReadAloudButton";
import { splitReasoning } from "./reasoning";
import type { ChatActions, ChatMessage } from "./types";

interface Props {
  message: ChatMessage;
  actions: ChatActions;
  onEdit: () => void;
}

export function MessageActions({ message, actions, onEdit }: Props) {
  if (message.state === "waiting" || message.state === "writing" || message.state === "reconnecting") return null;
  const stored = message.id !== null;
  return (
    <div class="message-actions">
      {message.createdAt && <span class="message-time"><Time at={message.createdAt} /></span>}
      <CopyButton text={splitReasoning(message.content).answer} label={t("chat.copy")} />
      {message.role === "assistant" && <ReadAloudButton text={splitReasoning(message.content).answer} />}
      {message.role === "user" && stored && (
        <IconButton icon="edit" label={t("chat.edit")} onClick={onEdit} class="message-change" />
      )}
      {message.role === "assistant" && message.state !== "failed" && (
        <IconButton
          icon="refresh" label={t("chat.regenerate")} onClick={() => actions.regenerate(message)} class="message-change"
        />
      )}
    </div>
  );
}
