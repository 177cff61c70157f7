/** Files that are kept: added, searched, read at a place, and deleted. */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { ACCEPTED, addDocument, documentUsage, listDocuments, searchDocuments, type Document } from "../../api/documents";
import { ApiError } from "../../api/errors";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { ErrorLine } from "../../components/ErrorLine";
import { FileDrop } from "../../components/FileDrop";
import { Page } from "../../components/Page";
import { ProgressBar } from "../../components/ProgressBar";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { useSettled } from "../../components/useSettled";
import { bytes, number } from "../../text/format";
import { t } from "../../text/t";
import { DeleteDialog } from "./DeleteDialog";
import { DocumentItem } from "./DocumentItem";
import { DocumentReader } from "./DocumentReader";
import { FoundPassageItem } from "./FoundPassageItem";

const STEP = 50;
const POLL_MS = 1_500;

export default function DocumentsView() {
  const { query } = useLocation();
  if (query.document) return <DocumentReader key={query.document} id={query.document} passage={query.passage ?? null} />;
  return <AllDocuments />;
}

function AllDocuments() {
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(STEP);
  const [deleting, setDeleting] = useState<Document | null>(null);
  const sought = useSettled(typed.trim());
  const listed = useResource((signal) => listDocuments(limit, signal), [limit]);
  const usage = useResource((signal) => documentUsage(signal));
  const found = useResource((signal) => (sought ? searchDocuments(sought, signal) : Promise.resolve([])), [sought]);
  const reload = async () => {
    await Promise.all([listed.reload(), usage.reload()]);
  };
  const going = listed.data?.entries.some(({ state }) => state === "waiting" || state === "indexing") ?? false;
  usePolling(reload, going, POLL_MS);
  return (
    <Page title={t("documents.title")} lead={t("documents.lead")}>
      <AddDocument onDone={() => void reload()} />
      {usage.data && (
        <p class="hint">
          {t("documents.usage", {
            bytes: bytes(usage.data.bytes), most: bytes(usage.data.most_bytes),
            passages: number(usage.data.passages), most_passages: number(usage.data.most_passages),
          })}
        </p>
      )}
      <div role="search">
        <TextField label={t("documents.search")} type="search" value={typed} onInput={setTyped} maxLength={1000} />
      </div>
      {sought ? (
        <ResourceView resource={found}>
          {(passages) => passages.length === 0 ? <EmptyState icon="search" text={t("documents.none_found")} /> : (
            <ul class="list" aria-label={t("documents.found")}>
              {passages.map((passage) => <FoundPassageItem key={passage.id} passage={passage} />)}
            </ul>
          )}
        </ResourceView>
      ) : (
        <ResourceView resource={listed}>
          {({ entries, total }) => (
            <>
              {entries.length === 0 ? <EmptyState icon="file" text={t("documents.none")} /> : (
                <ul class="list" aria-label={t("documents.title")}>
                  {entries.map((document) => (
                    <DocumentItem key={document.id} document={document} onDelete={() => setDeleting(document)} onChange={() => void reload()} />
                  ))}
                </ul>
              )}
              {entries.length < total && limit < 500 && (
                <Button busy={listed.loading} onClick={() => setLimit(Math.min(limit + STEP, 500))}>{t("common.more")}</Button>
              )}
            </>
          )}
        </ResourceView>
      )}
      {deleting && <DeleteDialog document={deleting} onDone={() => void reload()} onClose={() => setDeleting(null)} />}
    </Page>
  );
}

function AddDocument({ onDone }: { onDone: () => void }) {
  const [sending, setSending] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const add = async (file: File) => {
    setSending(file);
    setError(null);
    try {
      const { name } = await addDocument(file);
      toast(t("documents.added", { name }));
      onDone();
    } catch (problem) {
      const refused = problem instanceof ApiError && problem.fields.find(({ field }) => field === "body");
      setError(refused ? new Error(`${file.name}: ${refused.error}`) : problem);
    }
    setSending(null);
  };
  return (
    <>
      {sending ? (
        <ProgressBar label={t("documents.sending", { name: sending.name })} done={0} total={0} />
      ) : (
        <FileDrop label={t("documents.add")} accept={ACCEPTED} onFile={(file) => void add(file)} />
      )}
      <ErrorLine error={error} />
    </>
  );
}
