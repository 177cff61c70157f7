/** Some messages: they are drawn once they come near the screen, and compared only when one of them changed. */

import { Component, createRef, type ComponentChildren, type ContextType } from "preact";
import { Message } from "./Message";
import { NearnessContext } from "./nearness";
import type { ChatActions, ChatMessage } from "./types";

// Roughly what a message takes: its frame, and its lines of about this many letters.
const FRAME_PX = 110;
const LINE_PX = 24;
const LETTERS = 60;

interface Props {
  messages: ChatMessage[];
  actions: ChatActions;
  /** It is drawn at once. */
  last: boolean;
  below?: (message: ChatMessage) => ComponentChildren;
}

interface State {
  drawn: boolean;
}

export class MessageGroup extends Component<Props, State> {
  static override contextType = NearnessContext;
  declare context: ContextType<typeof NearnessContext>;
  override state: State = { drawn: this.props.last };
  private readonly place = createRef<HTMLDivElement>();
  private leave: (() => void) | null = null;

  override componentDidMount(): void {
    if (this.state.drawn || !this.place.current) return;
    this.leave = this.context.watch(this.place.current, () => this.setState({ drawn: true }));
  }

  override componentWillUnmount(): void {
    this.leave?.();
  }

  override shouldComponentUpdate(next: Props, state: State): boolean {
    const { messages, actions } = this.props;
    return next.messages !== messages || next.actions !== actions || state.drawn !== this.state.drawn;
  }

  override render({ messages, actions, below }: Props, { drawn }: State) {
    const height = messages.reduce((sum, { content }) => sum + FRAME_PX + LINE_PX * Math.ceil(content.length / LETTERS), 0);
    return (
      <div ref={this.place} class="message-group" style={{ containIntrinsicHeight: `auto ${height}px`, minHeight: drawn ? "" : `${height}px` }}>
        {drawn && messages.map((message) => (
          <Message key={message.key} message={message} actions={actions} {...(below && { below })} />
        ))}
      </div>
    );
  }
}
