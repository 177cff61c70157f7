/** Messages as the chat shows them, made of what the API says. */

import type { AnswerDetails, Promised, SpokenCommand, StoredMessage, ToolCall, ToolUse } from "../../api/chatTypes";
import { t } from "../../text/t";
import type { ChatMessage } from "./types";

let count = 0;

/** Return a message that is not stored yet. */
export function newMessage(role: ChatMessage["role"], content: string, state: ChatMessage["state"]): ChatMessage {
  count += 1;
  return {
    key: `new-${count}`, id: null, role, content, createdAt: new Date().toISOString(), state, model: null, tools: [],
    commands: [], details: null, promised: null, error: null,
  };
}

/** Return a stored message. */
export function storedMessage(stored: StoredMessage): ChatMessage {
  return {
    key: stored.id, id: stored.id, role: stored.role, content: stored.content, createdAt: stored.created_at,
    state: stored.details?.finish_reason === "stopped" ? "stopped" : "done", model: stored.model,
    tools: (stored.tools ?? []).map((tool) => ({ id: tool.id, name: tool.name, arguments: tool.arguments, result: tool })),
    commands: stored.commands ?? [], details: stored.details ?? null, promised: null, error: null,
  };
}

/** Return stored messages, with the answer that is missing at their end: it is being written, or there is none. */
export function storedMessages(stored: readonly StoredMessage[]): ChatMessage[] {
  const messages = stored.map(storedMessage);
  const last = stored.at(-1);
  if (last?.role !== "user") return messages;
  const answer = newMessage("assistant", "", last.answering ? "waiting" : "failed");
  return [...messages, last.answering ? answer : { ...answer, error: t("chat.unanswered") }];
}

interface Done {
  id: string;
  model: string;
  created_at: string;
  content?: string;
  command?: SpokenCommand;
  commands?: SpokenCommand[];
}

/** Return an answer after one more event of its stream. */
export function withEvent(answer: ChatMessage, name: string, data: unknown): ChatMessage {
  switch (name) {
    case "message":
      return { ...answer, state: "writing", content: answer.content + (data as { delta: string }).delta };
    case "expected":
      return { ...answer, promised: data as Promised };
    case "tool_call":
      return { ...answer, tools: [...answer.tools, { ...(data as ToolCall), result: null }] };
    case "tool_result": {
      const result = data as ToolUse;
      return { ...answer, tools: answer.tools.map((tool) => (tool.id === result.id ? { ...tool, result } : tool)) };
    }
    case "done":
      return withEnd(answer, data as Done & AnswerDetails);
    case "stopped":
      return { ...answer, state: "stopped" };
    case "error":
      return { ...answer, state: "failed", error: (data as { message: string }).message };
    case "reconnecting":
      return { ...answer, state: "reconnecting" };
    default:
      return answer;
  }
}

function withEnd(answer: ChatMessage, done: Done & AnswerDetails): ChatMessage {
  const commands = done.commands ?? (done.command ? [done.command] : []);
  return {
    ...answer, state: done.finish_reason === "stopped" ? "stopped" : "done", id: done.id, model: done.model,
    createdAt: done.created_at, content: done.content ?? answer.content, commands,
    details: commands.length > 0 ? null : done,
  };
}
