/** A conversation and the field to write in. What belongs to single messages beside their text is put in by slots. */

import type { ComponentChildren } from "preact";
import { ErrorLine } from "../../components/ErrorLine";
import { Loading } from "../../components/Loading";
import { MessageInput } from "./MessageInput";
import { MessageList } from "./MessageList";
import { Suggestions } from "./Suggestions";
import type { ChatActions, ChatMessage, ChatState } from "./types";

interface Props {
  state: ChatState;
  actions: ChatActions;
  onReload?: () => void;
  /** What stands below a message: an approval to decide, what an answer used. */
  below?: (message: ChatMessage) => ComponentChildren;
}

export function ChatPane({ state, actions, onReload, below }: Props) {
  const empty = state.messages.length === 0 && !state.loading && state.error === null;
  return (
    <div class="chat-pane">
      {empty ? (
        <div class="chat-scroll"><Suggestions onChoose={(text) => actions.send(text)} /></div>
      ) : (
        <MessageList state={state} actions={actions} {...(below && { below })} />
      )}
      {state.loading && state.messages.length === 0 && <Loading />}
      <ErrorLine error={state.error} {...(onReload && { onRetry: onReload })} />
      <MessageInput
        key={state.conversationId ?? ""} conversationId={state.conversationId} busy={state.busy} offline={state.offline}
        onSend={(text) => actions.send(text)} onStop={() => actions.stop()}
      />
    </div>
  );
}
