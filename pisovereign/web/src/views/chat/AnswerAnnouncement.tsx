/** Reads an answer aloud once it is whole: word by word would be too much. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../text/t";
import { splitReasoning } from "./reasoning";
import type { ChatMessage } from "./types";

const LONGEST = 600;

export function AnswerAnnouncement({ messages }: { messages: readonly ChatMessage[] }) {
  const [text, setText] = useState("");
  const before = useRef<{ key: string; open: boolean } | null>(null);
  const last = messages.at(-1);
  useEffect(() => {
    if (!last || last.role !== "assistant") return;
    const open = last.state === "waiting" || last.state === "writing" || last.state === "reconnecting";
    const known = before.current;
    before.current = { key: last.key, open };
    if (open && known?.key !== last.key) setText(t("chat.waiting"));
    else if (!open && known?.key === last.key && known.open) setText(splitReasoning(last.content).answer.slice(0, LONGEST));
  }, [last]);
  return <div class="visually-hidden" role="status">{text}</div>;
}
