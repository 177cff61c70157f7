/** The fields of a form: first what everybody needs, the others folded away. */

import { useEffect, useState } from "preact/hooks";
import type { FormField, SettingsForm, Value, Values } from "../../api/connections";
import { t } from "../../text/t";
import { FormFieldInput } from "./FormFieldInput";

interface Props {
  form: SettingsForm;
  values: Values;
  errors: Record<string, string>;
  onChange: (name: string, value: Value) => void;
}

export function FormFields({ form, values, errors, onChange }: Props) {
  const advanced = form.fields.filter((field) => field.advanced);
  const wrong = advanced.some((field) => `values.${field.name}` in errors);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  const draw = (field: FormField) => (
    <FormFieldInput
      key={field.name} field={field} value={values[field.name] ?? ""} isSet={form.secrets[field.name] ?? false}
      disabled={!form.editable} errors={errors} onChange={(value) => onChange(field.name, value)}
    />
  );
  return (
    <>
      {form.fields.filter((field) => !field.advanced).map(draw)}
      {advanced.length > 0 && (
        <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{t("connections.advanced")}</summary>
          {advanced.map(draw)}
        </details>
      )}
    </>
  );
}
