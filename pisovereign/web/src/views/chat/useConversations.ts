/** The list of conversations, page by page, or what a search has found. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ConversationSummary, FoundConversation } from "../../api/chatTypes";
import { isAbort } from "../../api/client";
import { listConversations, searchMessages } from "../../api/conversations";

const PAUSE_MS = 300;

export interface ConversationLine {
  conversation: ConversationSummary;
  /** Where it has the words that are searched for. */
  excerpts: string[];
}

export interface Conversations {
  lines: ConversationLine[];
  loading: boolean;
  error: unknown;
  hasMore: boolean;
  more: () => void;
  reload: () => void;
}

/** Return conversations that have all words of `query`, or all; loaded again whenever `version` changes. */
export function useConversations(query: string, version: number): Conversations {
  const [lines, setLines] = useState<ConversationLine[]>([]);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [next, setNext] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  const words = query.trim();
  const load = useCallback(async (cursor: string | null) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setLoading(true);
    setError(null);
    try {
      const found = await (words ? search(words, cursor, signal) : all(cursor, signal));
      setLines((before) => (cursor === null ? found.lines : merged(before, found.lines)));
      setNext(found.next);
    } catch (problem) {
      if (isAbort(problem)) return;
      setError(problem);
    }
    setLoading(false);
  }, [words]);
  useEffect(() => {
    const timer = setTimeout(() => void load(null), words ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      running.current?.abort();
    };
  }, [load, version]);
  return {
    lines, loading, error, hasMore: next !== null, more: () => void load(next), reload: () => void load(null),
  };
}

interface Part {
  lines: ConversationLine[];
  next: string | null;
}

async function all(cursor: string | null, signal: AbortSignal): Promise<Part> {
  const { entries, next } = await listConversations(cursor, signal);
  return { lines: entries.map((conversation) => ({ conversation, excerpts: [] })), next };
}

async function search(words: string, cursor: string | null, signal: AbortSignal): Promise<Part> {
  const { found, cursor: next } = await searchMessages(words, cursor, signal);
  return { lines: found.map(line), next };
}

function line({ conversation, messages }: FoundConversation): ConversationLine {
  return { conversation, excerpts: messages.map(({ excerpt }) => excerpt) };
}

// A search that goes on may find another message of what it has found before.
function merged(before: ConversationLine[], more: ConversationLine[]): ConversationLine[] {
  const known = new Set(before.map(({ conversation }) => conversation.id));
  return [...before, ...more.filter(({ conversation }) => !known.has(conversation.id))];
}
