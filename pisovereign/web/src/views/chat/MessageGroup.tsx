/** Some messages that are compared only when one of them changed. */

import { Component, type ComponentChildren } from "preact";
import { Message } from "./Message";
import type { ChatActions, ChatMessage } from "./types";

interface Props {
  messages: ChatMessage[];
  actions: ChatActions;
  below?: (message: ChatMessage) => ComponentChildren;
}

export class MessageGroup extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.messages !== this.props.messages || next.actions !== this.props.actions;
  }

  override render({ messages, actions, below }: Props) {
    return (
      <div class="message-group">
        {messages.map((message) => (
          <Message key={message.key} message={message} actions={actions} {...(below && { below })} />
        ))}
      </div>
    );
  }
}
