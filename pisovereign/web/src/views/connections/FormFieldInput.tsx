/** One field of a form, by its type. */

import type { FormField, Sender, Value } from "../../api/connections";
import { CheckField } from "../../components/CheckField";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";
import { ChoicesField } from "./ChoicesField";
import { FileField } from "./FileField";
import { SecretField } from "./SecretField";
import { SendersField } from "./SendersField";

interface Props {
  field: FormField;
  value: Value;
  /** Whether a secret is there already. */
  isSet: boolean;
  disabled: boolean;
  errors: Record<string, string>;
  onChange: (value: Value) => void;
}

export function FormFieldInput({ field, value, isSet, disabled, errors, onChange }: Props) {
  const { label, help: hint, required, placeholder, name } = field;
  const error = errors[`values.${name}`];
  switch (field.type) {
    case "secret":
      return <SecretField field={field} value={String(value)} isSet={isSet} disabled={disabled} error={error} onInput={onChange} />;
    case "file":
      return <FileField field={field} text={String(value)} disabled={disabled} error={error} onChange={onChange} />;
    case "switch":
      return <CheckField label={label} hint={hint} checked={value === true} disabled={disabled} onChange={onChange} />;
    case "choice":
      return (
        <SelectField
          label={label} hint={hint} error={error} value={String(value)} choices={field.choices} disabled={disabled}
          onChange={onChange}
        />
      );
    case "choices":
      return (
        <ChoicesField field={field} chosen={value as string[]} disabled={disabled} error={error} onChange={onChange} />
      );
    case "senders":
      return (
        <SendersField field={field} senders={value as Sender[]} disabled={disabled} errors={errors} onChange={onChange} />
      );
    case "names":
      return (
        <TextField
          label={label} hint={hint} error={error} lines={3} disabled={disabled}
          value={(Array.isArray(value) ? (value as string[]) : []).join("\n")}
          onInput={(text) => onChange(text.split("\n"))}
        />
      );
    default:
      return (
        <TextField
          label={label} hint={hint} error={error} value={String(value)} disabled={disabled} name={name}
          required={required} onInput={onChange} autoComplete="off"
          placeholder={placeholder && t("connections.example", { example: placeholder })}
        />
      );
  }
}
