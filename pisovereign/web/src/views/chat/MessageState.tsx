/** How far an answer is, and what went wrong with it. */

import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { t } from "../../text/t";
import type { Promised } from "../../api/chatTypes";
import type { ChatMessage } from "./types";

/** Who waits for less need not be told for how long. */
const LEAST_S = 3;
const MINUTE_S = 60;

export function MessageState({ message, onRetry }: { message: ChatMessage; onRetry: () => void }) {
  switch (message.state) {
    case "waiting":
      return (
        <>
          <p class="message-state"><span class="dots" aria-hidden="true"><i /><i /><i /></span> {waiting(message.promised)}</p>
          {message.promised?.notice && <p class="message-state" role="status">{message.promised.notice}</p>}
        </>
      );
    case "writing":
      return message.promised?.notice ? <p class="message-state">{message.promised.notice}</p> : null;
    case "reconnecting":
      return <p class="message-state" role="status"><span class="spinner" aria-hidden="true" /> {t("chat.reconnecting")}</p>;
    case "stopped":
      return <p class="message-state">{t("chat.stopped")}</p>;
    case "failed":
      return (
        <>
          <ErrorLine error={message.error ?? t("chat.failed")} />
          <p><Button small icon="refresh" onClick={onRetry}>{t("common.retry")}</Button></p>
        </>
      );
    default:
      return null;
  }
}

function waiting(promised: Promised | null): string {
  const seconds = promised?.expected_s.end ?? 0;
  if (seconds < LEAST_S) return t("chat.waiting");
  if (seconds > 1.5 * MINUTE_S) return t("chat.waiting_minutes", { minutes: Math.round(seconds / MINUTE_S) });
  return t("chat.waiting_seconds", { seconds: seconds < 10 ? Math.round(seconds) : 5 * Math.round(seconds / 5) });
}
