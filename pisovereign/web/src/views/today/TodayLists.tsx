/** Lists that something is open on. */

import { listLists } from "../../api/lists";
import { Card } from "../../components/Card";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function TodayLists() {
  const lists = useResource((signal) => listLists(signal));
  return (
    <Card title={t("lists.title")} actions={<a href="/lists">{t("lists.all")}</a>}>
      <ResourceView resource={lists}>
        {(all) => {
          const open = all.filter((each) => each.open > 0);
          return open.length === 0 ? (
            <p class="hint">{t("today.no_lists")}</p>
          ) : (
            <ul class="plain-list">
              {open.map((each) => (
                <li key={each.id}>
                  <a href={`/lists?id=${each.id}`}>{visible(each.name)}</a> ({t("lists.open_count", { count: each.open })})
                </li>
              ))}
            </ul>
          );
        }}
      </ResourceView>
    </Card>
  );
}
