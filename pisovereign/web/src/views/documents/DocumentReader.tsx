/** The text of a document, opened at a passage. */

import { useEffect, useRef, useState } from "preact/hooks";
import { getDocument, listPassages, type Document, type Passage } from "../../api/documents";
import { Button } from "../../components/Button";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

const STEP = 200;

interface Text {
  document: Document;
  passages: Passage[];
}

export function DocumentReader({ id, passage }: { id: string; passage: string | null }) {
  const [more, setMore] = useState(0);
  const text = useResource((signal) => readUntil(id, passage, more, signal), [id, passage, more]);
  const marked = useRef<HTMLElement>(null);
  const shown = text.data?.passages.length ?? 0;
  useEffect(() => marked.current?.scrollIntoView({ block: "center" }), [passage, shown > 0]);
  const back = <a class="button" href="/documents">{t("documents.all")}</a>;
  return (
    <Page title={text.data ? visible(text.data.document.name) : t("documents.title")} actions={back}>
      <ResourceView resource={text}>
        {({ document, passages }) => (
          <>
            {passage !== null && !passages.some((each) => each.id === passage) && <p class="hint">{t("documents.passage_gone")}</p>}
            <article class="document-text" aria-label={visible(document.name)}>
              {passages.map((each, at) => (
                <PassageText
                  key={each.id} passage={each} before={passages[at - 1] ?? null}
                  mark={each.id === passage ? marked : null}
                />
              ))}
            </article>
            {passages.length < document.passages && (
              <Button busy={text.loading} onClick={() => setMore(more + 1)}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}

interface PassageProps {
  passage: Passage;
  before: Passage | null;
  mark: { current: HTMLElement | null } | null;
}

function PassageText({ passage, before, mark }: PassageProps) {
  const known = before?.headings ?? [];
  const fresh = passage.headings.filter((heading, at) => known[at] !== heading || known.slice(0, at).some((one, place) => one !== passage.headings[place]));
  return (
    <>
      {passage.page > 0 && passage.page !== before?.page && <p class="hint">{t("documents.page", { page: passage.page })}</p>}
      {fresh.map((heading) => <h2 key={heading}>{visible(heading)}</h2>)}
      {mark ? (
        <section ref={mark} class="document-passage marked" aria-label={t("documents.cited")}><p>{visible(passage.text)}</p></section>
      ) : (
        <section class="document-passage"><p>{visible(passage.text)}</p></section>
      )}
    </>
  );
}

// All up to the passage that was asked for, and as many further parts as were.
async function readUntil(id: string, passage: string | null, more: number, signal: AbortSignal): Promise<Text> {
  const document = await getDocument(id, signal);
  const passages: Passage[] = [];
  let left = more;
  while (passages.length < document.passages) {
    const part = await listPassages(id, STEP, passages.length, signal);
    passages.push(...part.entries);
    if (part.entries.length === 0) break;
    const there = passage === null || passages.some((each) => each.id === passage);
    if (there && left-- <= 0) break;
  }
  return { document, passages };
}
