/** One command: what it does, and what can be done with it. */

import { useState } from "preact/hooks";
import { deleteCommand, type CatalogCommand } from "../../api/catalog";
import { may } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { IconButton } from "../../components/IconButton";
import { ListItem } from "../../components/ListItem";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { RunPanel } from "./RunPanel";

interface Props {
  command: CatalogCommand;
  onEdit: () => void;
  onChanged: () => void;
}

export function CommandItem({ command, onEdit, onChanged }: Props) {
  const [open, setOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const name = visible(command.name);
  const detail = (
    <>
      {visible(command.description)} <code>{visible(command.command)}</code>
      {" · "}{t(`catalog.risk_${command.risk_level}`)}
      {!command.listed && <> · <strong>{t("catalog.unlisted")}</strong></>}
      {command.network && <> · {t("catalog.uses_network")}</>}
      {command.requires_approval && <> · {t("catalog.waits")}</>}
    </>
  );
  return (
    <ListItem
      title={<strong>{name}</strong>} detail={detail}
      actions={
        <>
          <Button small icon="play" expanded={open} onClick={() => setOpen(!open)}>{t("catalog.run")}</Button>
          {command.own && <IconButton icon="edit" label={t("catalog.edit_named", { name })} onClick={onEdit} />}
          {(command.own || may("admin")) && (
            <IconButton icon="trash" label={t("catalog.delete_named", { name })} onClick={() => setDeleting(true)} />
          )}
        </>
      }
    >
      {open && <RunPanel command={command} />}
      {deleting && (
        <ConfirmDialog
          title={t("catalog.delete_title", { name })} action={t("common.delete")} danger onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await deleteCommand(command.id);
            onChanged();
          }}
        >
          <p>{t(command.own ? "catalog.delete_hint" : "catalog.delete_default_hint")}</p>
        </ConfirmDialog>
      )}
    </ListItem>
  );
}
