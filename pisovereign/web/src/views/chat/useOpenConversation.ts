/** The conversation that the address names: `/?c=…`; without one, a new one. */

import { useLocation } from "preact-iso/router";
import { useEffect, useRef, useState } from "preact/hooks";
import { OpenConversation } from "./openConversation";

interface Opened {
  conversation: OpenConversation;
  /** Changes when something was said. */
  version: number;
  open: (id: string | null) => void;
}

export function useOpenConversation(): Opened {
  const { query, route } = useLocation();
  const [version, setVersion] = useState(0);
  const wanted = query.c || null;
  const current = useRef<OpenConversation | null>(null);
  const shown = current.current;
  // One that has just got its id is the same one.
  if (shown === null || shown.state.peek().conversationId !== wanted) {
    shown?.close();
    current.current = new OpenConversation(wanted, {
      onBegun: (id) => route(address(id), true),
      onChanged: () => setVersion((before) => before + 1),
    });
  }
  useEffect(() => () => current.current?.close(), []);
  return { conversation: current.current as OpenConversation, version, open: (id) => route(address(id)) };
}

function address(id: string | null): string {
  return id === null ? "/" : `/?c=${encodeURIComponent(id)}`;
}
