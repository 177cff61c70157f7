/** Making a backup: a passphrase, twice, since without it nobody can read the file. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { makeBackup } from "../../api/backups";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

const SHORTEST = 12;

export function NewBackup({ busy, onChange }: { busy: boolean; onChange: () => void }) {
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [told, setTold] = useState<Record<string, string>>({});
  const make = async (event: Event) => {
    event.preventDefault();
    const wrong: Record<string, string> = {
      ...(passphrase.length < SHORTEST && { passphrase: t("backup.short", { count: SHORTEST }) }),
      ...(passphrase !== again && { again: t("backup.differ") }),
    };
    setTold(wrong);
    setError(null);
    if (Object.keys(wrong).length > 0) return;
    try {
      await makeBackup(passphrase);
      setPassphrase("");
      setAgain("");
      onChange();
    } catch (problem) {
      setTold(fieldErrors(problem));
      setError(problem);
    }
  };
  return (
    <Card title={t("backup.new")}>
      <p>{t("backup.what")}</p>
      <form onSubmit={(event) => void make(event)}>
        <TextField
          label={t("backup.passphrase")} type="password" value={passphrase} onInput={setPassphrase} required
          autoComplete="new-password" hint={t("backup.passphrase_hint")} error={told.passphrase} maxLength={1000}
        />
        <TextField
          label={t("backup.again")} type="password" value={again} onInput={setAgain} required
          autoComplete="new-password" error={told.again} maxLength={1000}
        />
        <Button type="submit" kind="primary" icon="archive" disabled={busy}>{t("backup.make")}</Button>
      </form>
      <ErrorLine error={error} />
    </Card>
  );
}
