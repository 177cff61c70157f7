/** Asks what happens to what somebody stored who is removed. */

import { useState } from "preact/hooks";
import { changePerson, erasePerson, type Person } from "../../api/accounts";
import { CheckField } from "../../components/CheckField";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  person: Person;
  onChange: () => Promise<void>;
  onClose: () => void;
}

export function RemoveDialog({ person, onChange, onClose }: Props) {
  const [erase, setErase] = useState(person.state === "disabled");
  const confirm = async () => {
    if (erase) await erasePerson(person.id);
    else await changePerson(person.id, { state: "disabled" });
    await onChange();
  };
  return (
    <ConfirmDialog
      title={`${t("people.remove")}: ${visible(person.name)}`} danger onConfirm={confirm} onClose={onClose}
      action={erase ? t("people.erase") : t("people.disable")}
    >
      <p>{t("people.remove_hint")}</p>
      <CheckField label={t("people.erase_too")} hint={t("people.erase_hint")} checked={erase} onChange={setErase} />
    </ConfirmDialog>
  );
}
