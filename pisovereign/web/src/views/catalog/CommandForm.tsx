/** Adds a command, or puts another one in the place of one's own. */

import { useState } from "preact/hooks";
import { addCommand, replaceCommand, type CatalogCommand, type RiskLevel } from "../../api/catalog";
import { fieldErrors } from "../../api/client";
import { may } from "../../app/session";
import { CheckField } from "../../components/CheckField";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";

interface Props {
  command: CatalogCommand | null;
  onDone: () => void;
  onClose: () => void;
}

const RISKS: readonly RiskLevel[] = ["safe", "moderate", "dangerous"];

export function CommandForm({ command, onDone, onClose }: Props) {
  const [name, setName] = useState(command?.name ?? "");
  const [description, setDescription] = useState(command?.description ?? "");
  const [text, setText] = useState(command?.command ?? "");
  const [risk, setRisk] = useState<RiskLevel>(command?.risk_level ?? "moderate");
  const [waits, setWaits] = useState(command?.requires_approval ?? true);
  const [network, setNetwork] = useState(command?.network ?? false);
  const [folders, setFolders] = useState((command?.folders ?? []).join(", "));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = async () => {
    const draft = {
      name: name.trim(), description: description.trim(), command: text.trim(), category: command?.category ?? "custom",
      risk_level: risk, requires_approval: waits, network,
      folders: folders.split(",").map((each) => each.trim()).filter((each) => each !== ""),
    };
    try {
      await (command ? replaceCommand(command.id, draft) : addCommand(draft));
      toast(t("catalog.saved"));
      onDone();
    } catch (error) {
      setErrors(fieldErrors(error));
      throw error;
    }
  };
  return (
    <ConfirmDialog title={t(command ? "catalog.change" : "catalog.add")} action={t("common.save")} onConfirm={save} onClose={onClose}>
      <TextField label={t("catalog.name")} value={name} onInput={setName} maxLength={100} required error={errors.name} />
      <TextField label={t("catalog.description")} value={description} onInput={setDescription} maxLength={500} error={errors.description} />
      <TextField label={t("catalog.command")} hint={t("catalog.command_hint")} value={text} onInput={setText} maxLength={1000} required error={errors.command} autoComplete="off" />
      <SelectField label={t("catalog.risk")} value={risk} onChange={setRisk} choices={RISKS.map((value) => ({ value, label: t(`catalog.risk_${value}`) }))} />
      <CheckField label={t("catalog.network")} checked={network} onChange={setNetwork} />
      {may("admin") && (
        <TextField label={t("catalog.folders")} hint={t("catalog.folders_hint")} value={folders} onInput={setFolders} error={errors.folders ?? errors["folders[0]"]} autoComplete="off" />
      )}
      <CheckField
        label={t("catalog.requires_approval")} hint={t("catalog.requires_approval_hint")} checked={waits || !may("admin") || risk === "dangerous"}
        disabled={!may("admin") || risk === "dangerous"} onChange={setWaits}
      />
    </ConfirmDialog>
  );
}
