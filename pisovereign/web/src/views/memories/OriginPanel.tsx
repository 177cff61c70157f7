/** Why something is remembered: each time it came up, and how its importance fades. */

import { memoryOrigin, type MemorySource } from "../../api/memories";
import { ResourceView } from "../../components/ResourceView";
import { Time } from "../../components/Time";
import { useResource } from "../../components/useResource";
import { VisibleText } from "../../components/VisibleText";
import { percent } from "../../text/format";
import { t } from "../../text/t";

export function OriginPanel({ id }: { id: string }) {
  const origin = useResource((signal) => memoryOrigin(id, signal), [id]);
  return (
    <div class="origin">
      <ResourceView resource={origin}>
        {({ sources, given_importance: given, importance, used_at: used }) => (
          <>
            {sources.length === 0 && <p class="hint">{t("memories.no_origin")}</p>}
            <ul class="origin-sources">{sources.map((source, at) => <li key={at}><SourceLine source={source} /></li>)}</ul>
            <p class="hint">
              {t("memories.fades", { given: percent(given), now: percent(importance) })} <Time at={used} />
            </p>
          </>
        )}
      </ResourceView>
    </div>
  );
}

function SourceLine({ source }: { source: MemorySource }) {
  return (
    <>
      <p>
        {t(`memories.origin_${source.origin}`)} · <Time at={source.at} />
        {source.conversation_id && (
          <> · <a href={`/?c=${encodeURIComponent(source.conversation_id)}`}>{t("memories.conversation")}</a></>
        )}
      </p>
      {source.sentence && <blockquote><VisibleText text={source.sentence} /></blockquote>}
    </>
  );
}
