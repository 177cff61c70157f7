/** The chat. */

import { useEffect } from "preact/hooks";
import { t } from "../../text/t";
import { ChatPane } from "./ChatPane";
import { useOneConversation } from "./useOneConversation";

export default function ChatView() {
  const { state, actions } = useOneConversation();
  useEffect(() => {
    document.title = `${t("chat.title")} – PiSovereign`;
  });
  return (
    <div class="chat-view">
      <h1 class="visually-hidden">{t("chat.title")}</h1>
      <ChatPane state={state} actions={actions} />
    </div>
  );
}
