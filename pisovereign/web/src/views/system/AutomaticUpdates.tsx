/** Which updates are installed by themselves, and when. */

import { useState } from "preact/hooks";
import { chooseUpdates, type Updates } from "../../api/updates";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

const CHOICES = ["off", "security", "all"] as const;

export function AutomaticUpdates({ updates, onChange }: { updates: Updates; onChange: () => void }) {
  const [automatic, setAutomatic] = useState(updates.automatic);
  const [at, setAt] = useState(updates.at);
  const [failure, setFailure] = useState<unknown>(null);
  const text = <p class="hint">{t(`system.update_automatic_${updates.automatic}`, { at: updates.at })}</p>;
  if (!updates.choosable) return text;
  const save = async (event: Event) => {
    event.preventDefault();
    setFailure(null);
    try {
      await chooseUpdates(automatic, at);
      onChange();
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <SelectField
        label={t("system.update_choose")} value={automatic} onChange={setAutomatic}
        choices={CHOICES.map((value) => ({ value, label: t(`system.update_choose_${value}`) }))}
      />
      {automatic !== "off" && <TextField label={t("system.update_at")} type="time" required value={at} onInput={setAt} />}
      {(automatic !== updates.automatic || at !== updates.at) && <Button type="submit">{t("common.save")}</Button>}
      {text}
      <ErrorLine error={failure} />
    </form>
  );
}
