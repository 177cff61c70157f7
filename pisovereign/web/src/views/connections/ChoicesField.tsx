/** A field of which several values can be chosen. */

import type { FormField } from "../../api/connections";
import { CheckField } from "../../components/CheckField";

interface Props {
  field: FormField;
  chosen: string[];
  disabled: boolean;
  error: string | undefined;
  onChange: (chosen: string[]) => void;
}

export function ChoicesField({ field, chosen, disabled, error, onChange }: Props) {
  const change = (value: string, on: boolean) =>
    onChange(field.choices.map((choice) => choice.value).filter((each) => (each === value ? on : chosen.includes(each))));
  return (
    <fieldset class="choices">
      <legend>{field.label}</legend>
      {field.help && <p class="hint">{field.help}</p>}
      {field.choices.map(({ value, label }) => (
        <CheckField
          key={value} label={label} checked={chosen.includes(value)} disabled={disabled}
          onChange={(on) => change(value, on)}
        />
      ))}
      {error && <p class="field-error" role="alert">{error}</p>}
    </fieldset>
  );
}
