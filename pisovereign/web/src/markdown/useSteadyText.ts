/** A text that grows often, given on only as often as it can be drawn. */

import { useEffect, useRef, useState } from "preact/hooks";

// Of the time, so much at most goes into drawing it.
const SHARE = 0.25;
const LEAST_MS = 33;

/** Return the text, or what it was a moment ago while it grows. */
export function useSteadyText(text: string, growing: boolean): string {
  const [shown, setShown] = useState(text);
  const newest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const took = useRef(0);
  newest.current = text;
  useEffect(() => {
    if (!growing || timer.current !== null || shown === text) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      const began = performance.now();
      setShown(newest.current);
      requestAnimationFrame(() => {
        took.current = performance.now() - began;
      });
    }, Math.max(LEAST_MS, took.current / SHARE));
  }, [text, shown, growing]);
  useEffect(() => () => {
    if (timer.current !== null) clearTimeout(timer.current);
  }, []);
  return growing ? shown : text;
}
