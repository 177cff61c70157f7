/** The memories that the model was told for an answer, and how well each fitted. */

import type { UsedMemory } from "../../api/chatTypes";
import { requestPage } from "../../api/client";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { percent } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Known {
  id: string;
  content: string;
}

const MOST = 500;

export function UsedMemories({ used }: { used: readonly UsedMemory[] }) {
  // The list: to look at each by itself would count as a use of it.
  const known = useResource((signal) => requestPage<Known>("/v1/memories", { query: { limit: MOST }, signal }), []);
  return (
    <ResourceView resource={known}>
      {({ entries }) => (
        <ul class="used-memories">
          {used.map(({ id, similarity }) => {
            const memory = entries.find((each) => each.id === id);
            return (
              <li key={id}>
                {memory ? visible(memory.content) : t("chat.memory_gone")}
                {similarity !== null && <span class="hint"> {t("chat.similarity", { share: percent(similarity) })}</span>}
              </li>
            );
          })}
        </ul>
      )}
    </ResourceView>
  );
}
