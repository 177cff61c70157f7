/** A field with a choice among a few. */

import { Field } from "./Field";

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  hint?: string;
  error?: string | undefined;
  disabled?: boolean;
}

export function SelectField<T extends string>({ label, value, choices, onChange, hint, error, disabled = false }: Props<T>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(input) => (
        <select {...input} value={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value as T)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>{choice.label}</option>
          ))}
        </select>
      )}
    </Field>
  );
}
