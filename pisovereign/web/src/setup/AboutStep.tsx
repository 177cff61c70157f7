/** Asks for a name and a time zone. */

import { useRef, useState } from "preact/hooks";
import { fieldErrors } from "../api/client";
import { Field } from "../components/Field";
import { t } from "../text/t";
import { checkAbout, type About } from "./api";
import { Step } from "./Step";

interface Props {
  about: About;
  onChange: (person: { name: string; time_zone: string }) => void;
  onDone: () => void;
}

const ZONES = Intl.supportedValuesOf("timeZone");

export function AboutStep({ about, onChange, onDone }: Props) {
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const place = useRef<HTMLDivElement>(null);
  const submit = async () => {
    setWrong({});
    const person = { name: about.name.trim(), time_zone: about.time_zone.trim() };
    await checkAbout({ ...about, ...person });
    onChange(person);
    onDone();
  };
  const refuse = (error: unknown) => {
    const fields = fieldErrors(error);
    if (!fields.name && !fields.time_zone) return false;
    setWrong(fields);
    requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    return true;
  };
  return (
    <Step title={t("setup.about_title")} action={t("setup.continue")} onSubmit={submit} onError={refuse}>
      <div ref={place}>
        <Field label={t("setup.name")} hint={t("setup.name_hint")} error={wrong.name && t("setup.name_wrong")} required>
          {(input) => (
            <input
              {...input} value={about.name} maxLength={60} autocomplete="given-name"
              onInput={(event) => onChange({ ...about, name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t("setup.zone")} hint={t("setup.zone_hint")} error={wrong.time_zone && t("setup.zone_wrong")} required>
          {(input) => (
            <input
              {...input} value={about.time_zone} maxLength={64} list="zones" autocomplete="off"
              onInput={(event) => onChange({ ...about, time_zone: event.currentTarget.value })}
            />
          )}
        </Field>
        <datalist id="zones">{ZONES.map((zone) => <option key={zone} value={zone} />)}</datalist>
      </div>
    </Step>
  );
}
