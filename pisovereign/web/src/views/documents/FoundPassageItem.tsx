/** A passage that a search found, with a link to its place. */

import { documentLink, type FoundPassage } from "../../api/documents";
import { ListItem } from "../../components/ListItem";
import { VisibleText } from "../../components/VisibleText";
import { percent } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function FoundPassageItem({ passage }: { passage: FoundPassage }) {
  const { similarity } = passage;
  return (
    <ListItem
      title={<a href={documentLink(passage.document_id, passage.id)}>{visible(passage.document)}</a>}
      detail={
        <>
          {[passage.page > 0 ? t("documents.page", { page: passage.page }) : "", ...passage.headings.map(visible)].filter(Boolean).join(" · ")}
          {similarity !== null && <> · {t("memories.similarity", { value: percent(Math.max(0, similarity)) })}</>}
        </>
      }
    >
      <p><VisibleText text={passage.text} most={600} mostLines={8} /></p>
    </ListItem>
  );
}
