/** Who may use the assistant: people, their roles, and invitations. */

import { useState } from "preact/hooks";
import { invitePerson, listPeople, type Invited, type Role } from "../../api/accounts";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { SelectField } from "../../components/SelectField";
import { SignInCodeCard } from "../../components/SignInCodeCard";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { PersonItem } from "./PersonItem";
import { ROLES } from "./roles";

export default function PeopleView() {
  const people = useResource((signal) => listPeople(signal));
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [invited, setInvited] = useState<Invited | null>(null);
  const action = useAction();
  const invite = async () => {
    setInvited(await invitePerson(name.trim(), role));
    setName("");
    await people.reload();
  };
  return (
    <Page title={t("people.title")} lead={t("people.lead")}>
      <form
        class="quick-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) action.run(invite);
        }}
      >
        <TextField label={t("people.name")} value={name} onInput={setName} maxLength={60} autoComplete="off" />
        <SelectField
          label={t("people.role")} value={role} onChange={setRole}
          choices={ROLES.map((value) => ({ value, label: t(`people.role_${value}`) }))}
        />
        <Button kind="primary" type="submit" busy={action.busy}>{t("people.invite")}</Button>
      </form>
      <p class="hint" role="status">{t(`people.hint_${role}`)}</p>
      <ResourceView resource={people}>
        {(all) => (
          <List label={t("people.title")}>
            {all.map((each) => (
              <PersonItem key={each.id} person={each} onChange={people.reload} onInvited={setInvited} />
            ))}
          </List>
        )}
      </ResourceView>
      {invited && (
        <Dialog title={`${t("people.invitation")}: ${visible(invited.person.name)}`} onClose={() => setInvited(null)}>
          <p>{t("people.invitation_hint")}</p>
          <SignInCodeCard code={invited.invitation} />
        </Dialog>
      )}
    </Page>
  );
}
