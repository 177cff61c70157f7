/** One message: its text, the tools that were called for it, and what can be done with it. */

import { Component, type ComponentChildren } from "preact";
import { Markdown } from "../../components/Markdown";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { MessageActions } from "./MessageActions";
import { MessageEditor } from "./MessageEditor";
import { MessageState } from "./MessageState";
import { Reasoning } from "./Reasoning";
import { splitReasoning } from "./reasoning";
import { SetUpLink } from "./SetUpLink";
import { ToolLine } from "./ToolLine";
import type { ChatActions, ChatMessage } from "./types";
import { UsedPassages } from "./UsedPassages";

interface Props {
  message: ChatMessage;
  actions: ChatActions;
  below?: (message: ChatMessage) => ComponentChildren;
}

interface State {
  editing: boolean;
}

export class Message extends Component<Props, State> {
  override state: State = { editing: false };

  override shouldComponentUpdate(next: Props, state: State): boolean {
    return next.message !== this.props.message || next.actions !== this.props.actions || state !== this.state;
  }

  override render({ message, actions, below }: Props, { editing }: State) {
    const own = message.role === "user";
    return (
      <article class={`message ${message.role} ${message.state}`} data-message={message.id ?? ""}>
        <h2 class="visually-hidden">{t(own ? "chat.you" : "chat.assistant")}</h2>
        {message.tools.map((tool) => <ToolLine key={tool.id} tool={tool} />)}
        {editing ? (
          <MessageEditor
            text={message.content} onCancel={() => this.setState({ editing: false })}
            onSave={(text) => {
              this.setState({ editing: false });
              actions.edit(message, text);
            }}
          />
        ) : (
          this.renderText(message)
        )}
        {message.commands.some(({ status }) => status === "not_configured") && <SetUpLink />}
        <MessageState message={message} onRetry={() => actions.regenerate(message)} />
        {below?.(message)}
        {!editing && <MessageActions message={message} actions={actions} onEdit={() => this.setState({ editing: true })} />}
      </article>
    );
  }

  private renderText(message: ChatMessage) {
    if (message.role === "user") return <p class="message-text">{visible(message.content)}</p>;
    const { reasoning, answer } = splitReasoning(message.content);
    const passages = message.details?.passages ?? [];
    const growing = message.state === "writing" || message.state === "reconnecting";
    return (
      <>
        {reasoning && <Reasoning text={reasoning} growing={growing && !answer} />}
        {answer && <Markdown text={answer} growing={growing} />}
        {passages.length > 0 && <UsedPassages used={passages} answer={answer} />}
      </>
    );
  }
}
