/** Speaks in place of typing: what was heard is put into the field, and sent by nobody but the person. */

import { useEffect, useRef, useState } from "preact/hooks";
import { transcribe } from "../../api/audio";
import { describe } from "../../api/errors";
import { IconButton } from "../../components/IconButton";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { record, type Recorder } from "./recorder";
import { canRecord, speech } from "./speech";

interface Props {
  disabled: boolean;
  onHeard: (text: string) => void;
}

export function MicrophoneButton({ disabled, onHeard }: Props) {
  const [state, setState] = useState<"idle" | "listening" | "writing">("idle");
  const recorder = useRef<Recorder | null>(null);
  const timer = useRef(0);
  const release = () => {
    clearTimeout(timer.current);
    recorder.current = null;
  };
  useEffect(
    () => () => {
      recorder.current?.cancel();
      release();
    },
    [],
  );
  if (!canRecord()) return null;
  const finish = async () => {
    const running = recorder.current;
    if (!running) return;
    release();
    setState("writing");
    try {
      const text = await transcribe(await running.stop());
      if (text) onHeard(text);
      else toast(t("chat.nothing_heard"));
    } catch (error) {
      toast(error instanceof DOMException ? t("chat.nothing_heard") : describe(error), { tone: "error" });
    }
    setState("idle");
  };
  const begin = async () => {
    try {
      recorder.current = await record();
    } catch {
      toast(t("chat.no_microphone"), { tone: "error" });
      return;
    }
    setState("listening");
    timer.current = window.setTimeout(() => void finish(), 1000 * ((speech.value?.longest_audio_s ?? 60) - 1));
  };
  const listening = state === "listening";
  return (
    <>
      <IconButton
        icon={listening ? "stop" : "microphone"} label={listening ? t("chat.stop_listening") : t("chat.speak")}
        pressed={listening} disabled={state === "writing" || (disabled && !listening)}
        onClick={() => void (listening ? finish() : begin())}
      />
      <span class="visually-hidden" role="status">
        {listening ? t("chat.listening") : state === "writing" ? t("chat.writing_down") : ""}
      </span>
    </>
  );
}
