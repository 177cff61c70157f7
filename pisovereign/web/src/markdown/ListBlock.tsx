/** A list of Markdown, also one with boxes that are ticked. */

import { Block } from "./Block";
import type { Tokens } from "./lex";

export function ListBlock({ list, depth }: { list: Tokens.List; depth: number }) {
  const items = list.items.map((item, at) => (
    <li key={at} class={item.task ? "task" : undefined}>
      {item.tokens.map((token, each) =>
        token.type === "checkbox" ? (
          <span key={each} class="task-box" role="img" aria-label={item.checked ? "☑" : "☐"}>{item.checked ? "☑ " : "☐ "}</span>
        ) : (
          <Block key={each} token={token} depth={depth} />
        ),
      )}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}
