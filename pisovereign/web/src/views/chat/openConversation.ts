/**
 * One conversation that is open: its messages, and what can be done with them.
 *
 * An answer is written by the program whether or not this page is there, so it is taken up again after a lost
 * connection, after a reload, and when the view is opened again.
 */

import { computed, effect, signal } from "@preact/signals";
import { ask, cancel, watch, type AnswerEvent } from "../../api/chat";
import { describe, isAbort, online } from "../../api/client";
import { listMessages } from "../../api/conversations";
import { toast } from "../../components/toasts";
import { draftOf, keepDraft } from "./drafts";
import { newId } from "./ids";
import { newMessage, storedMessage, storedMessages, withEvent } from "./messages";
import type { ChatActions, ChatMessage, ChatState } from "./types";

const EMPTY: ChatState = {
  conversationId: null, title: "", messages: [], hasOlder: false, loading: false, loadingOlder: false, error: null,
  busy: false, offline: false,
};

interface Hooks {
  /** A new conversation has got its id. */
  onBegun: (id: string) => void;
  /** Something was said: lists of conversations are not up to date. */
  onChanged: () => void;
}

export class OpenConversation implements ChatActions {
  private readonly current = signal<ChatState>(EMPTY);
  /** What is shown. */
  readonly state = computed<ChatState>(() => ({ ...this.current.value, offline: !online.value }));
  private readonly closed = new AbortController();
  private running: AbortController | null = null;
  private older: string | null = null;
  private answering: string | null = null;
  private wantsStop = false;
  private readonly endEffect: () => void;

  constructor(id: string | null, private readonly hooks: Hooks) {
    this.current.value = { ...EMPTY, conversationId: id, loading: id !== null };
    let before = online.peek();
    this.endEffect = effect(() => {
      const now = online.value;
      // What could not be loaded is, once the program is there again.
      if (now && !before && this.current.peek().error !== null) void this.load();
      before = now;
    });
    if (id !== null) void this.load();
  }

  /** Stop showing it; an answer goes on for a while, and can be taken up again. */
  close(): void {
    this.endEffect();
    this.closed.abort();
    this.running?.abort();
  }

  /** Load its last messages, and join the answer that is being written. */
  load = async (): Promise<void> => {
    const id = this.current.peek().conversationId;
    if (id === null) return;
    this.change({ loading: true, error: null });
    try {
      const { entries, next } = await listMessages(id, null, this.closed.signal);
      this.older = next;
      this.change({ messages: storedMessages(entries), hasOlder: next !== null, loading: false });
      const last = entries.at(-1);
      if (last?.answering) void this.run((stopped) => watch(last.id, stopped), last.id);
    } catch (error) {
      if (!isAbort(error)) this.change({ loading: false, error: describe(error) });
    }
  };

  loadOlder = (): void => void this.prepend();

  send = (text: string): void => this.say(text, null);

  edit = (message: ChatMessage, text: string): void => this.say(text, message);

  regenerate = (message: ChatMessage): void => {
    const { messages } = this.current.peek();
    const at = messages.findIndex((each) => each.key === message.key);
    const question = messages.slice(0, at + 1).findLast((each) => each.role === "user");
    if (question) this.say(question.content, question);
  };

  stop = (): void => {
    this.wantsStop = true;
    if (this.answering !== null) void this.cancel(this.answering);
  };

  private say(text: string, replaced: ChatMessage | null): void {
    const { messages, conversationId, busy } = this.current.peek();
    if (busy) return;
    const at = replaced === null ? messages.length : messages.findIndex((each) => each.key === replaced.key);
    if (at < 0) return;
    const id = conversationId ?? newId();
    const added = [newMessage("user", text, "done"), newMessage("assistant", "", "waiting")];
    this.change({ conversationId: id, messages: [...messages.slice(0, at), ...added], error: null });
    if (conversationId === null) this.hooks.onBegun(id);
    const body = {
      message: text, conversation_id: id, client_message_id: newId(), ...(replaced?.id && { replaces: replaced.id }),
    };
    void this.run((stopped) => ask(body, stopped), null, replaced?.id ? messages : null);
  }

  /** Show an answer as it comes; `before` is what is shown again if it does not take that place after all. */
  private async run(
    begin: (stopped: AbortSignal) => AsyncGenerator<AnswerEvent>, messageId: string | null, before: ChatMessage[] | null = null,
  ): Promise<void> {
    const mine = (this.running = new AbortController());
    this.answering = messageId;
    this.wantsStop = false;
    this.change({ busy: true });
    let ended = "";
    try {
      for await (const { name, data } of begin(mine.signal)) {
        ended = name;
        if (name === "reconnecting") this.keepUnsent();
        if (name === "started") this.begun((data as { message_id: string }).message_id);
        else if (name === "gone") await this.load();
        else this.changeLast((answer) => withEvent(answer, name, data));
      }
    } catch (error) {
      if (isAbort(error)) return;
      ended = "error";
      this.keepUnsent();
      this.changeLast((answer) => ({ ...answer, state: "failed", error: describe(error) }));
    }
    this.answering = null;
    this.change({ busy: false });
    if (before !== null && ended !== "done" && ended !== "gone") this.restore(before);
    this.hooks.onChanged();
  }

  private begun(messageId: string): void {
    this.answering = messageId;
    const { messages } = this.current.peek();
    const question = messages.at(-2);
    if (question?.role === "user" && question.id === null) {
      this.change({ messages: messages.map((each) => (each === question ? { ...each, id: messageId } : each)) });
      const { conversationId } = this.current.peek();
      if (draftOf(conversationId) === question.content) keepDraft(conversationId, "");
    }
    if (this.wantsStop) void this.cancel(messageId);
    this.hooks.onChanged();
  }

  // What never reached the program is nowhere else, if the page is loaded anew.
  private keepUnsent(): void {
    const { messages, conversationId } = this.current.peek();
    const question = messages.at(-2);
    if (question?.role === "user" && question.id === null && !draftOf(conversationId)) keepDraft(conversationId, question.content);
  }

  private async cancel(messageId: string): Promise<void> {
    try {
      await cancel(messageId);
    } catch (error) {
      toast(describe(error), { tone: "error" });
    }
  }

  // The program keeps what was there until the new answer is complete.
  private restore(before: ChatMessage[]): void {
    const error = this.current.peek().messages.at(-1)?.error;
    this.change({ messages: before });
    if (error) toast(error, { tone: "error", seconds: 10 });
  }

  private async prepend(): Promise<void> {
    const { conversationId, loadingOlder } = this.current.peek();
    if (conversationId === null || this.older === null || loadingOlder) return;
    this.change({ loadingOlder: true });
    try {
      const { entries, next } = await listMessages(conversationId, this.older, this.closed.signal);
      this.older = next;
      const { messages } = this.current.peek();
      this.change({ messages: [...entries.map(storedMessage), ...messages], hasOlder: next !== null, loadingOlder: false });
    } catch (error) {
      if (isAbort(error)) return;
      // Otherwise it would be tried again at once, and again.
      this.change({ loadingOlder: false, hasOlder: false, error: describe(error) });
    }
  }

  private change(some: Partial<ChatState>): void {
    this.current.value = { ...this.current.peek(), ...some };
  }

  private changeLast(update: (answer: ChatMessage) => ChatMessage): void {
    const { messages } = this.current.peek();
    const last = messages.at(-1);
    if (last?.role === "assistant") this.change({ messages: [...messages.slice(0, -1), update(last)] });
  }
}
