/** One conversation, from its first message on, as long as the view is open. */

import { useMemo, useRef, useState } from "preact/hooks";
import { describe, isAbort, stream } from "../../api/client";
import type { ToolUse } from "../../api/chatTypes";
import type { ChatActions, ChatMessage, ChatState } from "./types";

const EMPTY: ChatState = {
  conversationId: null, title: "", messages: [], hasOlder: false, loading: false, loadingOlder: false, error: null,
  busy: false, offline: false,
};
let count = 0;

function message(role: ChatMessage["role"], content: string, state: ChatMessage["state"]): ChatMessage {
  count += 1;
  return {
    key: String(count), id: null, role, content, createdAt: new Date().toISOString(), state, model: null, tools: [],
    commands: [], details: null, error: null,
  };
}

export function useOneConversation(): { state: ChatState; actions: ChatActions } {
  const [state, setState] = useState(EMPTY);
  const running = useRef<AbortController | null>(null);
  const conversation = useRef<string | null>(null);
  const actions = useMemo<ChatActions>(() => {
    const change = (update: (last: ChatMessage) => Partial<ChatMessage>) =>
      setState((current) => {
        const last = current.messages.at(-1);
        if (!last) return current;
        return { ...current, messages: [...current.messages.slice(0, -1), { ...last, ...update(last) }] };
      });
    const answer = async (text: string) => {
      const body = { message: text, ...(conversation.current && { conversation_id: conversation.current }) };
      const signal = (running.current = new AbortController()).signal;
      for await (const { name, data } of stream("POST", "/v1/chat/stream", { body, signal })) {
        const said = data as Record<string, string>;
        if (name === "message") change((last) => ({ state: "writing", content: last.content + said.delta }));
        else if (name === "tool_call") {
          change((last) => ({ tools: [...last.tools, { ...(data as ToolUse), result: null }] }));
        } else if (name === "tool_result") {
          change((last) => ({ tools: last.tools.map((tool) => (tool.id === said.id ? { ...tool, result: data as ToolUse } : tool)) }));
        } else if (name === "done") {
          conversation.current = said.conversation_id ?? null;
          change(() => ({ state: "done", id: said.id ?? null }));
        } else if (name === "error") change(() => ({ state: "failed", error: said.message ?? null }));
      }
    };
    const send = async (text: string) => {
      setState((current) => ({
        ...current, busy: true, messages: [...current.messages, message("user", text, "done"), message("assistant", "", "waiting")],
      }));
      try {
        await answer(text);
      } catch (error) {
        change(() => (isAbort(error) ? { state: "stopped" } : { state: "failed", error: describe(error) }));
      }
      setState((current) => ({ ...current, busy: false }));
    };
    return {
      send: (text) => void send(text), stop: () => running.current?.abort(), edit: () => undefined,
      regenerate: () => undefined, loadOlder: () => undefined,
    };
  }, []);
  return { state, actions };
}
