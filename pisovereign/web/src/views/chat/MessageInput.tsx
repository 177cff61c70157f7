/** Where one writes: it grows with the text, Enter sends and Shift with Enter begins a line, and a draft is kept. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../../components/IconButton";
import { t } from "../../text/t";
import { draftOf, keepDraft } from "./drafts";
import { MicrophoneButton } from "./MicrophoneButton";
import { loadSpeech } from "./speech";

export const LONGEST_MESSAGE = 10_000;
const SAID_FROM = 9_000;

interface Props {
  conversationId: string | null;
  busy: boolean;
  offline: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function MessageInput({ conversationId, busy, offline, onSend, onStop }: Props) {
  const [text, setText] = useState(() => draftOf(conversationId));
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);
  useEffect(() => void loadSpeech(), []);
  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, []);
  const change = (value: string) => {
    setText(value);
    keepDraft(conversationId, value);
  };
  const submit = () => {
    const message = text.trim();
    if (!message || busy || offline) return;
    change("");
    onSend(message);
    field.current?.focus();
  };
  const heard = (said: string) => {
    // What is in the field by now, not what was in it when somebody began to speak.
    const written = field.current?.value.trimEnd() ?? "";
    change(`${written ? `${written} ` : ""}${said}`.slice(0, LONGEST_MESSAGE));
    field.current?.focus();
  };
  return (
    <form
      class="message-input"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label class="visually-hidden" for="message-input">{t("chat.message")}</label>
      <textarea
        id="message-input" ref={field} rows={1} value={text} maxLength={LONGEST_MESSAGE} placeholder={t("chat.placeholder")}
        enterkeyhint="send" onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch()) return;
          event.preventDefault();
          submit();
        }}
      />
      <MicrophoneButton disabled={offline} onHeard={heard} />
      {busy ? (
        <IconButton icon="stop" label={t("chat.stop")} kind="primary" onClick={onStop} />
      ) : (
        <IconButton icon="send" label={t("chat.send")} kind="primary" type="submit" disabled={!text.trim() || offline} />
      )}
      {text.length > SAID_FROM && <p class="hint">{t("chat.length", { count: text.length, most: LONGEST_MESSAGE })}</p>}
    </form>
  );
}

// A keyboard on the screen has no Shift with Enter: there Enter begins a line.
function isTouch(): boolean {
  return matchMedia("(pointer: coarse) and (hover: none)").matches;
}
