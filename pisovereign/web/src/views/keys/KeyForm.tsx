/** Makes a key: what it is for, what it may do, and how long. */

import { useState } from "preact/hooks";
import { createKey, type CreatedApiKey, type Scope } from "../../api/accounts";
import { may } from "../../app/session";
import { Button } from "../../components/Button";
import { CheckField } from "../../components/CheckField";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";

const DAYS = ["30", "365", "never"] as const;
const MORE: readonly Scope[] = ["approve", "admin"];

export function KeyForm({ onMade }: { onMade: (made: CreatedApiKey) => void }) {
  const [name, setName] = useState("");
  const [more, setMore] = useState<Scope[]>([]);
  const [days, setDays] = useState<(typeof DAYS)[number]>("365");
  const action = useAction();
  const make = async () => {
    onMade(await createKey(name.trim(), ["user", ...more], days === "never" ? null : Number(days)));
    setName("");
    setMore([]);
  };
  const choose = (scope: Scope, chosen: boolean) =>
    setMore((before) => (chosen ? [...before, scope] : before.filter((each) => each !== scope)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) action.run(make);
      }}
    >
      <TextField label={t("keys.name")} value={name} onInput={setName} maxLength={60} autoComplete="off" placeholder={t("keys.example")} />
      {MORE.filter(may).map((scope) => (
        <CheckField
          key={scope} label={t(`keys.may_${scope}`)} checked={more.includes(scope)}
          onChange={(chosen) => choose(scope, chosen)}
        />
      ))}
      <SelectField
        label={t("keys.ends")} value={days} onChange={setDays}
        choices={DAYS.map((value) => ({ value, label: t(`keys.ends_${value}`) }))}
      />
      <Button kind="primary" type="submit" icon="key" busy={action.busy}>{t("keys.make")}</Button>
    </form>
  );
}
