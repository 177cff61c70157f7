/** Markdown of a model as elements. Nothing in it becomes HTML, and nothing is fetched for it. */

import { useMemo, useRef } from "preact/hooks";
import { GrowingText } from "../markdown/growing";
import { lex } from "../markdown/lex";
import { SteadyBlock } from "../markdown/SteadyBlock";
import { useSteadyText } from "../markdown/useSteadyText";

interface Props {
  text: string;
  /** More of it is coming. */
  growing?: boolean;
}

export function Markdown({ text, growing = false }: Props) {
  const reader = useRef<GrowingText | null>(null);
  const shown = useSteadyText(text, growing);
  const blocks = useMemo(() => {
    if (growing) return (reader.current ??= new GrowingText()).read(shown);
    reader.current = null;
    return lex(shown);
  }, [shown, growing]);
  return (
    <div class="markdown">
      {blocks.map((token, at) => <SteadyBlock key={at} token={token} whole={!growing} />)}
    </div>
  );
}
