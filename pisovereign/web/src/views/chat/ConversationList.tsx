/** The conversations there are: search, open, and what can be done with each. */

import { useState } from "preact/hooks";
import type { ConversationSummary } from "../../api/chatTypes";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { ErrorLine } from "../../components/ErrorLine";
import { Loading } from "../../components/Loading";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";
import { ConversationDialog } from "./ConversationDialog";
import { ConversationItem } from "./ConversationItem";
import { useConversations } from "./useConversations";

interface Props {
  /** The one that is open. */
  current: string | null;
  /** Changes when something was said. */
  version: number;
  onOpen: (id: string | null) => void;
}

export function ConversationList({ current, version, onOpen }: Props) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ConversationSummary | null>(null);
  const list = useConversations(query, version);
  const searched = query.trim() !== "";
  return (
    <section class="conversations" aria-label={t("conversations.title")}>
      <Button icon="plus" class="conversation-new" onClick={() => onOpen(null)}>{t("conversations.new")}</Button>
      <TextField label={t("conversations.search")} type="search" value={query} onInput={setQuery} maxLength={200} />
      <p class="visually-hidden" role="status">
        {searched && !list.loading ? t("conversations.found", { count: list.lines.length }) : ""}
      </p>
      <ErrorLine error={list.error} onRetry={list.reload} />
      {list.lines.length === 0 && !list.loading && list.error == null && (
        <EmptyState icon={searched ? "search" : "chat"} text={t(searched ? "conversations.nothing" : "conversations.empty")} />
      )}
      <ul class="conversation-list">
        {list.lines.map((line) => (
          <ConversationItem
            key={line.conversation.id} line={line} current={line.conversation.id === current}
            onOpen={() => onOpen(line.conversation.id)} onMore={() => setChosen(line.conversation)}
          />
        ))}
      </ul>
      {list.loading && <Loading />}
      {list.hasMore && !list.loading && (
        <Button small onClick={list.more}>{t(searched ? "conversations.search_more" : "conversations.more")}</Button>
      )}
      {chosen && (
        <ConversationDialog
          conversation={chosen} onClose={() => setChosen(null)} onChanged={list.reload}
          onDeleted={() => {
            list.reload();
            if (chosen.id === current) onOpen(null);
          }}
        />
      )}
    </section>
  );
}
