/** Asking for answers, and taking them up again where the connection was lost (docs/api.md, "Chat"). */

import { ApiError, OfflineError, request, stream, type ServerEvent } from "./client";

export interface ChatBody {
  message: string;
  conversation_id: string;
  /** Sent twice under one id, it is one message. */
  client_message_id: string;
  /** The message whose place this one takes. */
  replaces?: string;
}

export type AnswerEvent = ServerEvent | { name: "reconnecting" | "gone"; id: null; data: null };

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5_000;
/** So long without a word from the program an answer is waited for. */
const PATIENCE_MS = 180_000;
const LAST = ["done", "stopped", "error"];
// What is behind a proxy answers so while it starts.
const AWAY = [502, 503, 504];

/** Send a message; yield the events of its answer, each once, whatever becomes of the connection. */
export function ask(body: ChatBody, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  const whole = { ...body, resumable: true };
  return follow(null, () => stream("POST", "/v1/chat/stream", { body: whole, signal }), signal);
}

/** Yield the events of an answer that is being written, from the first one. */
export function watch(messageId: string, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
  return follow(messageId, () => resume(messageId, null, signal), signal);
}

/** End an answer where it is. */
export async function cancel(messageId: string): Promise<void> {
  await request("POST", `/v1/chat/streams/${messageId}/cancel`);
}

function resume(messageId: string, seen: string | null, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const headers: Record<string, string> = seen === null ? {} : { "Last-Event-ID": seen };
  return stream("GET", `/v1/chat/streams/${messageId}`, { headers, signal });
}

async function* follow(
  known: string | null, begin: () => AsyncGenerator<ServerEvent>, signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  let messageId = known;
  let seen: string | null = null;
  let pause = FIRST_PAUSE_MS;
  let heard = Date.now();
  for (;;) {
    const events: AsyncGenerator<ServerEvent> = messageId === null || seen === null ? begin() : resume(messageId, seen, signal);
    try {
      for await (const event of events) {
        heard = Date.now();
        pause = FIRST_PAUSE_MS;
        seen = event.id ?? seen;
        if (event.name === "started") messageId = (event.data as { message_id: string }).message_id;
        yield event;
        if (LAST.includes(event.name)) return;
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && messageId !== null) {
        // It is over for so long that only what was stored is left.
        yield { name: "gone", id: null, data: null };
        return;
      }
      const away = error instanceof OfflineError || (error instanceof ApiError && AWAY.includes(error.status));
      if (!away || Date.now() - heard > PATIENCE_MS) throw error;
    }
    yield { name: "reconnecting", id: null, data: null };
    await wait(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (act: () => void) => () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", stop);
      act();
    };
    const end = over(resolve);
    const stop = over(() => reject(new DOMException("stopped", "AbortError")));
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end);
    signal.addEventListener("abort", stop);
  });
}
