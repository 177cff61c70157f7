/** A secret: written and never shown again. One that is made up here is shown until it is saved, to be copied. */

import type { FormField } from "../../api/connections";
import { CopyButton } from "../../components/CopyButton";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

interface Props {
  field: FormField;
  value: string;
  isSet: boolean;
  disabled: boolean;
  error: string | undefined;
  onInput: (value: string) => void;
}

export function SecretField({ field, value, isSet, disabled, error, onInput }: Props) {
  const isNew = field.generated && !isSet;
  const hint = isSet ? `${t(disabled ? "connections.secret_there" : "connections.secret_set")} ${field.help}` : field.help;
  return (
    <div class="secret-field">
      <TextField
        label={field.label} hint={hint} error={error} type={isNew ? "text" : "password"} value={value}
        disabled={disabled} required={field.required && !isSet} autoComplete="new-password" onInput={onInput}
        placeholder={isSet ? "••••••••" : ""}
      />
      {isNew && value && <CopyButton text={value} label={t("connections.copy_token")} />}
    </div>
  );
}
