/** What the API says about chat and conversations; names are those of docs/api.md. */

export interface Tokens {
  prompt: number;
  completion: number;
  total: number;
  cached: number;
}

export interface UsedMemory {
  id: string;
  similarity: number | null;
}

/** A passage of a document that was in the prompt, by the number that answers cite it with. */
export interface UsedPassage {
  number: number;
  id: string;
  document_id: string;
  document: string;
  page: number;
  headings: string[];
}

export interface Speed {
  first_s: number;
  tokens_per_s: number | null;
}

/** How long an answer will take, in seconds since its message came; `notice` is for whoever waits for long. */
export interface Promised {
  expected_s: { first: number; end: number };
  notice?: string;
}

export interface AnswerDetails {
  tokens: Tokens;
  finish_reason: string;
  speed?: Speed;
  memories?: UsedMemory[];
  degraded?: "memories"[];
  claim_withheld?: true;
  passages?: UsedPassage[];
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
}

export interface ToolUse extends ToolCall {
  status: "completed" | "pending_approval" | "failed" | "refused";
  text: string;
  outside_text: boolean;
  approval_id?: string;
  title?: string;
  expires_at?: string;
}

/** A command that was carried out without a model, or waits for an approval. */
export interface SpokenCommand {
  type: string;
  arguments: Record<string, unknown>;
  status: string;
  result?: unknown;
  approval_id?: string;
  title?: string;
  expires_at?: string;
}

export interface StoredMessage {
  id: string;
  role: "user" | "assistant";
  content: string;
  created_at: string;
  model: string | null;
  tools?: ToolUse[];
  commands?: SpokenCommand[];
  details?: AnswerDetails;
  answering?: true;
}

export interface ConversationSummary {
  id: string;
  title: string;
  named: boolean;
  pinned: boolean;
  message_count: number;
  created_at: string;
  updated_at: string;
  /** Why the title cannot be opened. */
  error?: string;
}

export interface FoundConversation {
  conversation: ConversationSummary;
  messages: { id: string; role: "user" | "assistant"; excerpt: string; created_at: string }[];
}

export interface SearchResult {
  found: FoundConversation[];
  searched: number;
  cursor: string | null;
}
