/** How far an answer is, and what went wrong with it. */

import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { t } from "../../text/t";
import type { ChatMessage } from "./types";

export function MessageState({ message, onRetry }: { message: ChatMessage; onRetry: () => void }) {
  switch (message.state) {
    case "waiting":
      return <p class="message-state"><span class="dots" aria-hidden="true"><i /><i /><i /></span> {t("chat.waiting")}</p>;
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
