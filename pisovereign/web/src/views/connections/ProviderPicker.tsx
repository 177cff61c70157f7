/** Fills in what is known of a provider: chosen from the list, or found by the domain of the mail address. */

import { useEffect, useState } from "preact/hooks";
import type { Form, Provider, Values } from "../../api/connections";
import { SelectField } from "../../components/SelectField";
import { t } from "../../text/t";

interface Props {
  form: Form;
  values: Values;
  onFill: (values: Values) => void;
}

export function ProviderPicker({ form, values, onFill }: Props) {
  const [chosen, setChosen] = useState("");
  const choose = (id: string) => {
    setChosen(id);
    const found = form.providers.find((provider) => provider.id === id);
    if (found) onFill(found.values);
  };
  const address = String(values.username ?? "");
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  useEffect(() => {
    const found = form.providers.find((provider) => provider.domains.includes(domain));
    if (found && found.id !== chosen && form.source === "none") choose(found.id);
  }, [domain]);
  if (form.providers.length === 0) return null;
  const provider = form.providers.find(({ id }) => id === chosen);
  const choices = [{ value: "", label: t("connections.other_provider") }, ...form.providers.map(named)];
  return (
    <>
      <SelectField label={t("connections.provider")} value={chosen} choices={choices} onChange={choose} />
      <div role="status">
        {provider && (
          <p class={`provider-hint ${provider.usable ? "" : "unusable"}`}>
            {provider.hint}{" "}
            {provider.link && <a href={provider.link} target="_blank" rel="noreferrer noopener">{host(provider.link)}</a>}
          </p>
        )}
      </div>
    </>
  );
}

function named({ id, name }: Provider): { value: string; label: string } {
  return { value: id, label: name };
}

function host(link: string): string {
  return new URL(link).host;
}
