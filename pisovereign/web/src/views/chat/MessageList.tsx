/**
 * The messages of a conversation, the newest at the bottom.
 *
 * They are drawn in groups: each once it comes near the screen. Of one that is far away the browser computes no layout,
 * and one whose messages did not change is not compared again, so that thousands of messages stay as quick as a few.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../components/Button";
import { IconButton } from "../../components/IconButton";
import { Loading } from "../../components/Loading";
import { t } from "../../text/t";
import { AnswerAnnouncement } from "./AnswerAnnouncement";
import { Grouping } from "./grouping";
import { MessageGroup } from "./MessageGroup";
import { Nearness, NearnessContext } from "./nearness";
import type { ChatActions, ChatMessage, ChatState } from "./types";
import { useScroll } from "./useScroll";

interface Props {
  state: ChatState;
  actions: ChatActions;
  below?: (message: ChatMessage) => ComponentChildren;
}

export function MessageList({ state, actions, below }: Props) {
  const { messages, hasOlder, loadingOlder } = state;
  const nearness = useMemo(() => new Nearness(), []);
  useEffect(() => () => nearness.end(), [nearness]);
  const grouping = useRef(new Grouping());
  const groups = useMemo(() => grouping.current.update(messages), [messages]);
  const { scroller, top, list, atEnd, toEnd } = useScroll(state, actions.loadOlder);
  return (
    <div class="chat-scroll" ref={scroller} tabIndex={0} role="region" aria-label={t("chat.messages")}>
      <div ref={top} class="chat-older">
        {hasOlder && (loadingOlder ? <Loading /> : <Button small onClick={() => actions.loadOlder()}>{t("chat.older")}</Button>)}
      </div>
      <div class="message-list" ref={list} aria-busy={state.busy}>
        <NearnessContext.Provider value={nearness}>
          {groups.map((group, at) => (
            <MessageGroup
              key={group[0]?.key} messages={group} actions={actions} last={at === groups.length - 1}
              {...(below && { below })}
            />
          ))}
        </NearnessContext.Provider>
      </div>
      <AnswerAnnouncement messages={messages} />
      {!atEnd && <IconButton icon="down" label={t("chat.newest")} class="to-end" kind="primary" onClick={toEnd} />}
    </div>
  );
}
