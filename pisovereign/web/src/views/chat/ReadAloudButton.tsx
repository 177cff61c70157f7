/** Reads an answer aloud, where a service for that is set up. */

import { describe } from "../../api/errors";
import { IconButton } from "../../components/IconButton";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { readAloud, reading, stopReading } from "./player";
import { speech } from "./speech";

export function ReadAloudButton({ text }: { text: string }) {
  if (!speech.value?.speech || !text.trim()) return null;
  const mine = reading.value === text;
  const press = async () => {
    if (mine) {
      stopReading();
      return;
    }
    try {
      await readAloud(text);
    } catch (error) {
      toast(describe(error), { tone: "error" });
    }
  };
  return (
    <IconButton
      icon={mine ? "stop" : "aloud"} label={mine ? t("chat.stop_reading") : t("chat.read_aloud")} pressed={mine}
      onClick={() => void press()}
    />
  );
}
