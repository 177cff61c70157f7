/** One conversation of the list. */

import { Icon } from "../../components/Icon";
import { IconButton } from "../../components/IconButton";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import type { ConversationLine } from "./useConversations";

interface Props {
  line: ConversationLine;
  current: boolean;
  onOpen: () => void;
  onMore: () => void;
}

export function ConversationItem({ line: { conversation, excerpts }, current, onOpen, onMore }: Props) {
  const kept = conversation.error ? t("conversations.unreadable") : visible(conversation.title);
  const title = kept || t("conversations.untitled");
  return (
    <li class={`conversation-item ${current ? "current" : ""}`}>
      <button type="button" class="conversation-open" aria-current={current ? "true" : undefined} onClick={onOpen}>
        <span class="conversation-title">
          {conversation.pinned && <><Icon name="pin" size={14} /><span class="visually-hidden">{t("conversations.pinned")} </span></>}
          {title}
        </span>
        {excerpts.map((excerpt, at) => <span class="conversation-excerpt" key={at}>{visible(excerpt)}</span>)}
        <span class="conversation-time"><Time at={conversation.updated_at} /></span>
      </button>
      <IconButton icon="more" label={t("conversations.actions", { title })} onClick={onMore} />
    </li>
  );
}
