/** Addresses of people whose names begin as what is being typed. */

import { useEffect, useState } from "preact/hooks";
import { searchContacts } from "../../api/contacts";
import { Button } from "../../components/Button";
import { useSettled } from "../../components/useSettled";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

const LEAST = 2;
const SHOWN = 5;

interface Props {
  to: string;
  onChoose: (to: string) => void;
}

export function RecipientSuggestions({ to, onChoose }: Props) {
  const [found, setFound] = useState<{ name: string; address: string }[]>([]);
  const written = to.split(",");
  const last = useSettled((written.pop() ?? "").trim());
  useEffect(() => {
    setFound([]);
    if (last.length < LEAST || last.includes("@")) return;
    const leaving = new AbortController();
    searchContacts(last, SHOWN, leaving.signal).then(
      ({ contacts }) => {
        const all = contacts.flatMap(({ name, emails = [] }) => emails.map(({ value }) => ({ name, address: value })));
        setFound(all.slice(0, SHOWN));
      },
      () => setFound([]), // without an address book there is nothing to suggest
    );
    return () => leaving.abort();
  }, [last]);
  if (found.length === 0) return null;
  return (
    <div class="actions" role="group" aria-label={t("mail.suggestions")}>
      {found.map(({ name, address }) => (
        <Button key={address} onClick={() => onChoose([...written.map((each) => each.trim()), address].join(", "))}>
          {visible(name)} ({visible(address)})
        </Button>
      ))}
    </div>
  );
}
