/** Markdown of a model as elements. Nothing in it becomes HTML, and nothing is fetched for it. */

import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { Block } from "../markdown/Block";
import { GrowingText } from "../markdown/growing";
import { lex, type Token } from "../markdown/lex";
import { useSteadyText } from "../markdown/useSteadyText";

interface Props {
  text: string;
  /** More of it is coming. */
  growing?: boolean;
}

interface Drawn {
  token: Token;
  element: VNode;
}

export function Markdown({ text, growing = false }: Props) {
  const reader = useRef<GrowingText | null>(null);
  const drawn = useRef<Drawn[]>([]);
  const shown = useSteadyText(text, growing);
  const blocks = useMemo(() => {
    if (!growing) {
      // Now that it is whole, links may lead where a later line says.
      if (reader.current) drawn.current = [];
      reader.current = null;
      return lex(shown);
    }
    return (reader.current ??= new GrowingText()).read(shown);
  }, [shown, growing]);
  // An element that is the same one as before is not compared again: of a long answer, only the end changes.
  drawn.current = blocks.map((token, at) => {
    const before = drawn.current[at];
    const same = before && before.token.type === token.type && before.token.raw === token.raw;
    return same ? before : { token, element: <Block key={at} token={token} depth={0} /> };
  });
  return <div class="markdown">{drawn.current.map(({ element }) => element)}</div>;
}
