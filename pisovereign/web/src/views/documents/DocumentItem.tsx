/** One document: what it is, how far it is read, and what can be done with it. */

import { documentLink, downloadDocument, reindexDocument, type Document } from "../../api/documents";
import { Button } from "../../components/Button";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { bytes, percent } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  document: Document;
  onDelete: () => void;
  onChange: () => void;
}

export function DocumentItem({ document, onDelete, onChange }: Props) {
  const action = useAction();
  const { state, passages, read, pages } = document;
  const again = async () => {
    await reindexDocument(document.id);
    onChange();
  };
  const detail = (
    <>
      {t(`documents.format_${document.format}`)} · {bytes(document.size)}
      {pages > 0 && <> · {t("documents.pages", { count: pages })}</>}
      {" · "}<Time at={document.created_at} show="day" />
      {state === "waiting" && <> · {t("documents.waiting")}</>}
      {state === "indexing" && <> · {t("documents.indexing", { share: percent(passages ? read / passages : 0) })}</>}
      {state === "ready" && <> · {t("documents.ready", { count: passages })}</>}
    </>
  );
  const name = visible(document.name || document.id);
  return (
    <ListItem
      title={passages > 0 ? <a href={documentLink(document.id)}>{name}</a> : name} detail={detail}
      actions={
        <>
          {state === "failed" && <Button small busy={action.busy} onClick={() => action.run(again)}>{t("documents.again")}</Button>}
          <IconButton icon="download" label={t("documents.download", { name })} onClick={() => action.run(() => downloadDocument(document))} />
          <IconButton icon="trash" label={t("documents.delete", { name })} onClick={onDelete} />
        </>
      }
    >
      {document.title && <p class="hint">{visible(document.title)}</p>}
      {document.error && <p class="hint" role="status">{t("documents.failed", { reason: visible(document.error) })}</p>}
    </ListItem>
  );
}
