/** The chat: the conversations there are, and the one that is open. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { Dialog } from "../../components/Dialog";
import { IconButton } from "../../components/IconButton";
import { t } from "../../text/t";
import { AnswerDetails } from "./AnswerDetails";
import { ChatPane } from "./ChatPane";
import { ConversationList } from "./ConversationList";
import { approvalsOf, InlineApproval } from "./InlineApproval";
import type { ChatMessage } from "./types";
import { useOpenConversation } from "./useOpenConversation";

export default function ChatView() {
  const { conversation, version, open } = useOpenConversation();
  const [listed, setListed] = useState(false);
  const state = conversation.state.value;
  useEffect(() => {
    document.title = `${t("chat.title")} – PiSovereign`;
  });
  const below = useCallback((message: ChatMessage) => (
    <>
      {approvalsOf(message).map((id) => <InlineApproval key={id} id={id} />)}
      <AnswerDetails message={message} />
    </>
  ), []);
  const choose = (id: string | null) => {
    setListed(false);
    open(id);
  };
  const list = <ConversationList current={state.conversationId} version={version} onOpen={choose} />;
  return (
    <div class="chat-view">
      <h1 class="visually-hidden">{t("chat.title")}</h1>
      <div class="chat-side">{list}</div>
      <div class="chat-main">
        <div class="chat-bar">
          <IconButton icon="history" label={t("conversations.title")} onClick={() => setListed(true)} />
          <IconButton icon="plus" label={t("conversations.new")} onClick={() => open(null)} />
        </div>
        <ChatPane state={state} actions={conversation} onReload={() => void conversation.load()} below={below} />
      </div>
      {listed && <Dialog kind="drawer" title={t("conversations.title")} onClose={() => setListed(false)}>{list}</Dialog>}
    </div>
  );
}
