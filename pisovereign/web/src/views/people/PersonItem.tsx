/** One person: who they are here, and what an owner can do about it. */

import { useState } from "preact/hooks";
import { changePerson, inviteAgain, type Invited, type Person } from "../../api/accounts";
import { session } from "../../app/session";
import { Button } from "../../components/Button";
import { Icon } from "../../components/Icon";
import { ListItem } from "../../components/ListItem";
import { SelectField } from "../../components/SelectField";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { RemoveDialog } from "./RemoveDialog";
import { ROLES } from "./roles";

interface Props {
  person: Person;
  onChange: () => Promise<void>;
  onInvited: (invited: Invited) => void;
}

export function PersonItem({ person, onChange, onInvited }: Props) {
  const [removing, setRemoving] = useState(false);
  const action = useAction();
  const change = (patch: Parameters<typeof changePerson>[1]) => action.run(async () => {
    await changePerson(person.id, patch).finally(() => void onChange());
  });
  const name = visible(person.name);
  const own = person.id === session.value?.user_id;
  return (
    <ListItem
      lead={<Icon name="users" />}
      title={own ? <strong>{name} ({t("people.you")})</strong> : name}
      detail={person.configured ? t("people.configured") : t(`people.state_${person.state}`)}
      actions={!person.configured && (
        <>
          {person.state !== "disabled" && (
            <Button small busy={action.busy} onClick={() => action.run(async () => onInvited(await inviteAgain(person.id)))}>
              {t("people.invite_again")}<span class="visually-hidden"> {name}</span>
            </Button>
          )}
          {person.state === "disabled" && (
            <Button small busy={action.busy} onClick={() => change({ state: "active" })}>
              {t("people.enable")}<span class="visually-hidden"> {name}</span>
            </Button>
          )}
          <Button small kind="danger" onClick={() => setRemoving(true)}>
            {t("people.remove")}<span class="visually-hidden"> {name}</span>
          </Button>
        </>
      )}
    >
      {!person.configured && person.role && (
        <SelectField
          label={t("people.role")} value={person.role} disabled={action.busy} onChange={(role) => change({ role })}
          choices={ROLES.map((value) => ({ value, label: t(`people.role_${value}`) }))}
        />
      )}
      {removing && <RemoveDialog person={person} onChange={onChange} onClose={() => setRemoving(false)} />}
    </ListItem>
  );
}
