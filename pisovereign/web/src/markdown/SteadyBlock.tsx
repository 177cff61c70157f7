/** A block that is compared again only if its text changed: of a long answer that grows, only the end does. */

import { Component } from "preact";
import { Block } from "./Block";
import type { Token } from "./lex";

interface Props {
  token: Token;
  /** All of the text is there: a link may lead now where a later line says. */
  whole: boolean;
}

export class SteadyBlock extends Component<Props> {
  override shouldComponentUpdate({ token, whole }: Props): boolean {
    return whole !== this.props.whole || token.raw !== this.props.token.raw || token.type !== this.props.token.type;
  }

  override render({ token }: Props) {
    return <Block token={token} depth={0} />;
  }
}
