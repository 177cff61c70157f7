/** The passages of documents that stood beside a question: by their numbers, with links to their places. */

import type { UsedPassage } from "../../api/chatTypes";
import { documentLink } from "../../api/documents";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function UsedPassages({ used, answer }: { used: readonly UsedPassage[]; answer: string }) {
  const named = used.filter(({ number }) => answer.includes(`[${number}]`));
  // A small model may forget the numbers: then what it was told is shown.
  const shown = named.length > 0 ? named : used;
  return (
    <nav class="used-passages" aria-label={t("chat.sources")}>
      <span class="hint">{t("chat.sources")}</span>
      <ol>
        {shown.map((passage) => (
          <li key={passage.id} value={passage.number}>
            <a href={documentLink(passage.document_id, passage.id)}>[{passage.number}] {placeOf(passage)}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function placeOf({ document, page, headings }: UsedPassage): string {
  const heading = headings[headings.length - 1];
  return [visible(document), page > 0 ? t("documents.page", { page }) : "", heading ? visible(heading) : ""].filter(Boolean).join(", ");
}
