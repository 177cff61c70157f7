/** A field that is on or off. */

import { useId } from "preact/hooks";

interface Props {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string;
  disabled?: boolean;
  required?: boolean;
}

export function CheckField({ label, checked, onChange, hint, disabled = false, required = false }: Props) {
  const id = useId();
  return (
    <div class="check-field">
      <input
        type="checkbox" id={id} checked={checked} disabled={disabled} required={required}
        aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}
