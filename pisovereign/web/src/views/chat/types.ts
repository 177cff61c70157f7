import type { AnswerDetails, Promised, SpokenCommand, ToolUse } from "../../api/chatTypes";

/**
 * How far a message is.
 *
 * `waiting`: sent, and no word of the answer yet. `writing`: words come. `reconnecting`: the
 * connection is lost, and the answer is taken up again. `stopped`: its reader ended it. `failed`:
 * there is no whole answer, and it can be asked for again. `done`: stored.
 */
export type MessageState =
  | "waiting"
  | "writing"
  | "reconnecting"
  | "stopped"
  | "failed"
  | "done";

/** A tool that the model has called; it has no result yet while it runs. */
export interface ToolActivity {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  result: ToolUse | null;
}

/** A message as the chat shows it. */
export interface ChatMessage {
  /** Stays the same for as long as the message is shown, also when it gets its stored id. */
  key: string;
  /** Its id in the API; null as long as it is not known. */
  id: string | null;
  role: "user" | "assistant";
  content: string;
  createdAt: string;
  state: MessageState;
  model: string | null;
  tools: ToolActivity[];
  commands: SpokenCommand[];
  details: AnswerDetails | null;
  /** How long it will take; null: that was not told. */
  promised: Promised | null;
  /** What went wrong, in words; null: nothing. */
  error: string | null;
}

/** What the parts that show messages can ask for. */
export interface ChatActions {
  send(text: string): void;
  stop(): void;
  /** Puts another text in the place of one's own message; what followed it goes. */
  edit(message: ChatMessage, text: string): void;
  /** Asks once more for the answer to one's own message, or in the place of an answer. */
  regenerate(message: ChatMessage): void;
  loadOlder(): void;
}

/** What the chat shows of one conversation. */
export interface ChatState {
  conversationId: string | null;
  title: string;
  messages: ChatMessage[];
  /** Older messages can be loaded. */
  hasOlder: boolean;
  loading: boolean;
  loadingOlder: boolean;
  /** Loading failed, in words; null: it did not. */
  error: string | null;
  /** An answer is written, or waited for: nothing else can be sent. */
  busy: boolean;
  offline: boolean;
}
