/** One field of a form: its label, what helps, what is wrong, and the input. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What an input needs to belong to its field. */
export interface FieldInput {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
  required: boolean;
}

interface Props {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  required?: boolean;
  children: (input: FieldInput) => ComponentChildren;
}

export function Field({ label, hint, error, required = false, children }: Props) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].join(" ").trim();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": Boolean(error), required })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}
