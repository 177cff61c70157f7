/** What is remembered: looked through, searched, added, changed and forgotten. */

import { useState } from "preact/hooks";
import { download } from "../../api/client";
import { KINDS, listMemories, searchMemories, type Memory } from "../../api/memories";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useResource } from "../../components/useResource";
import { useSettled } from "../../components/useSettled";
import { t } from "../../text/t";
import { ForgetDialog, type Forgetting } from "./ForgetDialog";
import { ImportDialog } from "./ImportDialog";
import { MemoryForm } from "./MemoryForm";
import { MemoryItem } from "./MemoryItem";

const STEP = 30;

export default function MemoriesView() {
  const [typed, setTyped] = useState("");
  const [kind, setKind] = useState("");
  const [limit, setLimit] = useState(STEP);
  const [editing, setEditing] = useState<Memory | "new" | null>(null);
  const [forgetting, setForgetting] = useState<Forgetting | null>(null);
  const [importing, setImporting] = useState(false);
  const sought = useSettled(typed.trim());
  const found = useResource(
    (signal) => (sought ? searchMemories(sought, kind, signal) : listMemories(kind, limit, 0, signal)),
    [sought, kind, limit],
  );
  const reload = () => void found.reload();
  const exportAll = () => void download("/v1/memories/export", "memories.ndjson").catch((error: Error) => toast(error.message, { tone: "error" }));
  const actions = (
    <>
      <Button kind="primary" icon="plus" onClick={() => setEditing("new")}>{t("common.add")}</Button>
      <Button icon="download" onClick={exportAll}>{t("memories.export")}</Button>
      <Button icon="upload" onClick={() => setImporting(true)}>{t("memories.import")}</Button>
    </>
  );
  return (
    <Page title={t("memories.title")} lead={t("memories.lead")} actions={actions}>
      <div class="filters" role="search">
        <TextField label={t("memories.search")} type="search" value={typed} onInput={setTyped} maxLength={1000} />
        <SelectField
          label={t("memories.kind")} value={kind} onChange={setKind}
          choices={[{ value: "", label: t("memories.all_kinds") }, ...KINDS.map((value) => ({ value: value as string, label: t(`memories.kind_${value}`) }))]}
        />
      </div>
      <ResourceView resource={found}>
        {({ entries, total }) => (
          <>
            <p class="hint" role="status">{t(sought ? "memories.found" : "memories.count", { count: total })}</p>
            {entries.length === 0 ? (
              <EmptyState icon="brain" text={t(sought || kind ? "memories.none_found" : "memories.none")} />
            ) : (
              <ul class="list" aria-label={t("memories.title")}>
                {entries.map((memory) => (
                  <MemoryItem
                    key={memory.id} memory={memory} onEdit={() => setEditing(memory)}
                    onForget={() => setForgetting({ memories: [memory] })}
                  />
                ))}
              </ul>
            )}
            <div class="actions">
              {!sought && entries.length < total && limit < 500 && (
                <Button busy={found.loading} onClick={() => setLimit(Math.min(limit + STEP * 2, 500))}>{t("common.more")}</Button>
              )}
              {sought && entries.length > 1 && (
                <Button kind="danger" icon="trash" onClick={() => setForgetting({ memories: entries })}>
                  {t("memories.forget_found", { count: entries.length })}
                </Button>
              )}
              {!sought && !kind && total > 0 && (
                <Button kind="danger" icon="trash" onClick={() => setForgetting({ everything: total })}>{t("memories.forget_all")}</Button>
              )}
            </div>
          </>
        )}
      </ResourceView>
      {editing && <MemoryForm memory={editing === "new" ? null : editing} onDone={reload} onClose={() => setEditing(null)} />}
      {forgetting && <ForgetDialog forgetting={forgetting} onDone={reload} onClose={() => setForgetting(null)} />}
      {importing && <ImportDialog onDone={reload} onClose={() => setImporting(false)} />}
    </Page>
  );
}
