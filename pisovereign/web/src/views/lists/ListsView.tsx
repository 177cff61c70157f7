/** All lists, and the one that is open: `/lists?id=…`. */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { createList, listLists } from "../../api/lists";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Icon } from "../../components/Icon";
import { List } from "../../components/List";
import { ListItem } from "../../components/ListItem";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { OneList } from "./OneList";

export default function ListsView() {
  const { query } = useLocation();
  return query.id ? <OneList key={query.id} id={query.id} /> : <AllLists />;
}

function AllLists() {
  const { route } = useLocation();
  const lists = useResource((signal) => listLists(signal));
  const [name, setName] = useState("");
  const action = useAction();
  const make = async () => {
    const made = await createList(name);
    route(`/lists?id=${made.id}`);
  };
  return (
    <Page title={t("lists.title")}>
      <form
        class="quick-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) action.run(make);
        }}
      >
        <TextField
          label={t("lists.new_name")} value={name} onInput={setName} maxLength={100} autoComplete="off"
          placeholder={t("lists.new_example")}
        />
        <Button kind="primary" type="submit" busy={action.busy}>{t("lists.make")}</Button>
      </form>
      <ResourceView resource={lists}>
        {(all) => all.length === 0 ? (
          <EmptyState icon="list" text={t("lists.empty")} />
        ) : (
          <List label={t("lists.title")}>
            {all.map((each) => (
              <ListItem
                key={each.id} lead={<Icon name="list" />}
                title={<a class="list-link" href={`/lists?id=${each.id}`}>{visible(each.name)}</a>}
                detail={t("lists.counts", { open: each.open, count: each.items })}
              />
            ))}
          </List>
        )}
      </ResourceView>
    </Page>
  );
}
