/** Where the messages are scrolled to: at the end while one is there, and steady when older ones are loaded. */

import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatState } from "./types";

const NEAR_PX = 80;
// So far above the screen older messages are loaded already.
const AHEAD = "800px 0px 0px 0px";

interface Scroll {
  scroller: RefObject<HTMLDivElement | null>;
  top: RefObject<HTMLDivElement | null>;
  list: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  toEnd: () => void;
}

export function useScroll(state: ChatState, loadOlder: () => void): Scroll {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "instant" });
  }, []);
  useSteadyTop(scroller, list, state.messages[0]?.key);
  useLayoutEffect(toEnd, [state.conversationId]);
  // One's own message is always shown.
  const last = state.messages.at(-1);
  useLayoutEffect(() => {
    if (last?.state === "waiting") toEnd();
  }, [last?.key, last?.state]);
  useEffect(() => {
    const element = scroller.current;
    const content = list.current;
    if (!element || !content) return undefined;
    const note = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
      following.current = near;
      setAtEnd(near);
    };
    const growth = new ResizeObserver(() => following.current && toEnd());
    growth.observe(content);
    growth.observe(element);
    element.addEventListener("scroll", note, { passive: true });
    return () => {
      growth.disconnect();
      element.removeEventListener("scroll", note);
    };
  }, []);
  useEffect(() => {
    const mark = top.current;
    if (!mark || !state.hasOlder || state.loadingOlder) return undefined;
    const seen = new IntersectionObserver((entries) => entries.some((each) => each.isIntersecting) && loadOlder(), {
      root: scroller.current, rootMargin: AHEAD,
    });
    seen.observe(mark);
    return () => seen.disconnect();
  }, [state.hasOlder, state.loadingOlder, loadOlder]);
  return { scroller, top, list, atEnd, toEnd };
}

// What was first stays where it is on the screen when something comes before it.
function useSteadyTop(scroller: RefObject<HTMLDivElement | null>, list: RefObject<HTMLDivElement | null>, first: string | undefined): void {
  const before = useRef<{ first: string | undefined; element: Element | null; at: number }>({
    first, element: null, at: 0,
  });
  if (before.current.first !== first) {
    // What is on the page now is still what was there before.
    const element = list.current?.querySelector(".message") ?? null;
    before.current = { first, element, at: element?.getBoundingClientRect().top ?? 0 };
  }
  useLayoutEffect(() => {
    const { element, at } = before.current;
    if (!element?.isConnected || !scroller.current) return;
    scroller.current.scrollTop += element.getBoundingClientRect().top - at;
  }, [first]);
}
