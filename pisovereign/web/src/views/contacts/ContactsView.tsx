/** People in the address books of the calendar's server, to be looked up; nothing is changed here. */

import { useState } from "preact/hooks";
import { searchContacts, type Contact, type ContactValue } from "../../api/contacts";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Icon } from "../../components/Icon";
import { List } from "../../components/List";
import { ListItem } from "../../components/ListItem";
import { NotSetUp, isNotSetUp } from "../../components/NotSetUp";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { useResource } from "../../components/useResource";
import { useSettled } from "../../components/useSettled";
import { language, t } from "../../text/t";
import { visible } from "../../text/visible";

const STEP = 30;
const MOST = 100;

export default function ContactsView() {
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(STEP);
  const sought = useSettled(typed.trim());
  const found = useResource((signal) => searchContacts(sought, limit, signal), [sought, limit]);
  if (isNotSetUp(found.error)) {
    return <Page title={t("contacts.title")}><NotSetUp what={t("contacts.not_set_up")} icon="users" /></Page>;
  }
  return (
    <Page title={t("contacts.title")}>
      <div class="filters" role="search">
        <TextField label={t("contacts.search")} type="search" value={typed} onInput={setTyped} maxLength={200} />
      </div>
      <ResourceView resource={found}>
        {({ contacts, total }) => contacts.length === 0 ? (
          <EmptyState icon="users" text={t(sought ? "contacts.none_found" : "contacts.none")} />
        ) : (
          <>
            <List label={t("contacts.title")}>
              {contacts.map((each) => <ContactItem key={each.id} contact={each} />)}
            </List>
            {total > contacts.length && limit < MOST && (
              <Button onClick={() => setLimit(Math.min(MOST, limit + STEP))}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}

function ContactItem({ contact }: { contact: Contact }) {
  const lines = [
    ...values(contact.emails), ...values(contact.phones), ...values(contact.addresses),
    ...(contact.birthday ? [t("contacts.birthday", { day: birthday(contact.birthday) })] : []),
  ];
  const about = [contact.organization, contact.book].filter(Boolean).map((text) => visible(text ?? ""));
  return (
    <ListItem lead={<Icon name="users" />} title={visible(contact.name)} detail={about.join(" · ")}>
      <ul class="plain-list">
        {lines.map((line) => <li key={line}>{line}</li>)}
      </ul>
    </ListItem>
  );
}

function values(all: ContactValue[] = []): string[] {
  return all.map(({ value }) => visible(value));
}

function birthday(day: string): string {
  const known = !day.startsWith("--");
  const at = new Date(`${known ? day : `2000-${day.slice(2)}`}T12:00`);
  const year = known ? { year: "numeric" as const } : {};
  return new Intl.DateTimeFormat(language.value, { day: "numeric", month: "long", ...year }).format(at);
}
