/** Adds a server: at an address, or a program with the folders that it may see. */

import { useState } from "preact/hooks";
import { describe, fieldErrors } from "../../api/client";
import { saveToolServer, testToolServer, type Place } from "../../api/toolServers";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { CheckField } from "../../components/CheckField";
import { ErrorLine } from "../../components/ErrorLine";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

type Kind = "http" | "program";
const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export function AddServer({ programs, onAdded }: { programs: boolean; onAdded: () => void }) {
  const [kind, setKind] = useState<Kind>("http");
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [token, setToken] = useState("");
  const [command, setCommand] = useState("");
  const [folders, setFolders] = useState("");
  const [write, setWrite] = useState(false);
  const [network, setNetwork] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const problems = fieldErrors(error);
  const place = (): Place =>
    kind === "http"
      ? { url: url.trim(), token }
      : { command: lines(command), folders: lines(folders).map((path) => ({ path, write })), network };
  const add = async () => {
    setBusy(true);
    setError(null);
    try {
      await saveToolServer(name.trim(), place());
      await testToolServer(name.trim());
      for (const clear of [setName, setUrl, setToken, setCommand, setFolders]) clear("");
      onAdded();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <Card title={t("toolservers.add")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        {programs && (
          <SelectField<Kind>
            label={t("toolservers.kind")} value={kind} onChange={setKind}
            choices={[
              { value: "http", label: t("toolservers.kind_http") }, { value: "program", label: t("toolservers.kind_program") },
            ]}
          />
        )}
        <TextField
          label={t("toolservers.name")} hint={t("toolservers.name_hint")} value={name} onInput={setName} maxLength={20}
          autoComplete="off" required error={problems.name}
        />
        {kind === "http" ? (
          <>
            <TextField
              label={t("toolservers.url")} type="url" value={url} onInput={setUrl} required error={problems.url}
              placeholder="https://"
            />
            <TextField
              label={t("toolservers.token")} hint={t("toolservers.token_hint")} type="password" value={token} onInput={setToken}
              autoComplete="off" error={problems.token}
            />
          </>
        ) : (
          <>
            <TextField
              label={t("toolservers.command")} hint={t("toolservers.command_hint")} lines={3} value={command}
              onInput={setCommand} required error={problems.command}
            />
            <TextField
              label={t("toolservers.folders")} hint={t("toolservers.folders_hint")} lines={2} value={folders} onInput={setFolders}
            />
            <CheckField label={t("toolservers.write")} checked={write} onChange={setWrite} />
            <CheckField label={t("toolservers.network")} checked={network} onChange={setNetwork} />
          </>
        )}
        <ErrorLine error={error && Object.keys(problems).length === 0 ? describe(error) : null} />
        <Button kind="primary" type="submit" icon="plus" busy={busy}>{t("toolservers.add_button")}</Button>
      </form>
    </Card>
  );
}
