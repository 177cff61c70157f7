/** One list: add, check off, put in order, clear. */

import { useLocation } from "preact-iso/router";
import { useRef, useState } from "preact/hooks";
import { addItems, clearList, deleteList, getList, orderItems, renameList, type UserList } from "../../api/lists";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { ListRow } from "./ListRow";
import { RenameDialog } from "./RenameDialog";

export function OneList({ id }: { id: string }) {
  const { route } = useLocation();
  const list = useResource((signal) => getList(id, signal), [id]);
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<"clear" | "delete" | "rename" | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const action = useAction();
  const show = (changed: UserList) => list.set(() => changed);
  const add = async () => {
    show(await addItems(id, text.split(/[\n,;]/).map((each) => each.trim()).filter(Boolean)));
    setText("");
    form.current?.querySelector("input")?.focus();
  };
  const move = (items: UserList["items"], from: number, by: number) => action.run(async () => {
    const ids = items.map((each) => each.id);
    ids.splice(from + by, 0, ...ids.splice(from, 1));
    show(await orderItems(id, ids));
  });
  return (
    <Page
      title={list.data ? visible(list.data.name) : t("lists.title")}
      lead={<a href="/lists">{t("lists.all")}</a>}
      actions={
        <>
          <Button icon="edit" onClick={() => setAsked("rename")}>{t("lists.rename")}</Button>
          <Button icon="trash" onClick={() => setAsked("delete")}>{t("common.delete")}</Button>
        </>
      }
    >
      <form
        class="quick-form" ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) action.run(add);
        }}
      >
        <TextField
          label={t("lists.add")} value={text} onInput={setText} maxLength={2000} autoComplete="off" hint={t("lists.add_hint")}
        />
        <Button kind="primary" type="submit" busy={action.busy}>{t("common.add")}</Button>
      </form>
      <ResourceView resource={list}>
        {({ items }) => items.length === 0 ? (
          <EmptyState icon="list" text={t("lists.no_items")} />
        ) : (
          <>
            <ul class="list" aria-label={t("lists.items")}>
              {items.map((item, at) => (
                <ListRow
                  key={item.id} list={id} item={item} onChanged={() => void list.reload()}
                  onUp={at > 0 ? () => move(items, at, -1) : null}
                  onDown={at < items.length - 1 ? () => move(items, at, 1) : null}
                />
              ))}
            </ul>
            <div class="actions">
              <Button
                disabled={!items.some((each) => each.done) || action.busy}
                onClick={() => action.run(async () => show(await clearList(id, true)))}
              >
                {t("lists.clear_done")}
              </Button>
              <Button kind="danger" onClick={() => setAsked("clear")}>{t("lists.clear")}</Button>
            </div>
          </>
        )}
      </ResourceView>
      {asked === "clear" && (
        <ConfirmDialog
          title={t("lists.clear")} action={t("lists.clear")} danger onClose={() => setAsked(null)}
          onConfirm={async () => show(await clearList(id, false))}
        >
          <p>{t("lists.clear_sure")}</p>
        </ConfirmDialog>
      )}
      {asked === "delete" && (
        <ConfirmDialog
          title={t("lists.delete")} action={t("common.delete")} danger onClose={() => setAsked(null)}
          onConfirm={async () => {
            await deleteList(id);
            route("/lists");
          }}
        >
          <p>{t("lists.delete_sure", { name: visible(list.data?.name ?? "") })}</p>
        </ConfirmDialog>
      )}
      {asked === "rename" && (
        <RenameDialog
          name={list.data?.name ?? ""} onClose={() => setAsked(null)}
          onSave={async (name) => show(await renameList(id, name))}
        />
      )}
    </Page>
  );
}
