/** A formula. What draws it is loaded when the first one is shown; until then its source is. */

import { useEffect, useRef } from "preact/hooks";
import { revealed } from "../text/visible";

const LONGEST = 5_000;

export function MathText({ text, display = false }: { text: string; display?: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let left = false;
    const draw = async () => {
      if (text.length > LONGEST) return;
      const { default: temml } = await import("temml");
      if (left || !place.current) return;
      try {
        temml.render(text, place.current, { displayMode: display, throwOnError: true, trust: false, maxExpand: 200 });
      } catch {
        place.current.textContent = revealed(text);
      }
    };
    // Without what draws it, the source stays.
    draw().catch(() => undefined);
    return () => {
      left = true;
    };
  }, [text, display]);
  return (
    <span class={`math ${display ? "display" : ""}`} tabIndex={display ? 0 : undefined}>
      <span key={text} ref={place}>{revealed(text)}</span>
    </span>
  );
}
