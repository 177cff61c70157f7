/** A field for one line or several lines of text. */

import type { InputHTMLAttributes } from "preact";
import { Field, type FieldInput } from "./Field";

interface Props {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  required?: boolean;
  type?: "text" | "password" | "email" | "url" | "number" | "date" | "time" | "datetime-local" | "search";
  lines?: number;
  maxLength?: number;
  autoComplete?: string;
  placeholder?: string;
  disabled?: boolean;
  name?: string;
  min?: string | number;
  max?: string | number;
  step?: string | number;
}

export function TextField({ label, value, onInput, hint, error, required = false, type = "text", lines, ...rest }: Props) {
  // The types of attributes differ by the kind of input, which is not known here.
  const attributes = (input: FieldInput) => ({ ...input, ...rest, type }) as InputHTMLAttributes<HTMLInputElement>;
  return (
    <Field label={label} hint={hint} error={error} required={required}>
      {(input) =>
        lines ? (
          <textarea
            {...input} rows={lines} value={value} onInput={(event) => onInput(event.currentTarget.value)}
            maxLength={rest.maxLength} placeholder={rest.placeholder} disabled={rest.disabled} name={rest.name}
          />
        ) : (
          <input {...attributes(input)} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
        )
      }
    </Field>
  );
}
