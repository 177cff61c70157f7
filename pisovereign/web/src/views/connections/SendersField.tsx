/** Addresses of those who may write, and the person that each belongs to. */

import type { FormField, Sender } from "../../api/connections";
import { Button } from "../../components/Button";
import { CheckField } from "../../components/CheckField";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { t } from "../../text/t";

interface Props {
  field: FormField;
  senders: Sender[];
  disabled: boolean;
  errors: Record<string, string>;
  onChange: (senders: Sender[]) => void;
}

/** Return a number without what people write between its digits. */
const digits = (typed: string) => typed.replace(/[\s()/-]/g, "");

export function SendersField({ field, senders, disabled, errors, onChange }: Props) {
  const change = (at: number, part: Partial<Sender>) =>
    onChange(senders.map((sender, index) => (index === at ? ({ ...sender, ...part } as Sender) : sender)));
  const wrong = errors[`values.${field.name}`];
  const address = field.address;
  const first = field.choices[0]?.value ?? "";
  return (
    <fieldset class="senders">
      <legend>{field.label}</legend>
      <p class="hint">{field.help}</p>
      {wrong && <p class="field-error">{wrong}</p>}
      {senders.map((sender, at) => (
        <div class="sender" key={at}>
          <TextField
            label={t(`connections.${address}`)} type="text" value={String(sender[address])} disabled={disabled} required
            error={errors[`values.${field.name}[${at}].${address}`]} placeholder={field.placeholder}
            onInput={(typed) => change(at, { [address]: address === "phone" ? digits(typed) : typed.trim() })}
          />
          <SelectField
            label={t("connections.person")} value={sender.user_id} choices={field.choices} disabled={disabled}
            error={errors[`values.${field.name}[${at}].user_id`]} onChange={(user_id) => change(at, { user_id })}
          />
          <CheckField
            label={t("connections.may_approve")} checked={sender.approve} disabled={disabled}
            onChange={(approve) => change(at, { approve })}
          />
          {!disabled && (
            <Button small icon="trash" onClick={() => onChange(senders.filter((_, index) => index !== at))}>
              {t("connections.remove_sender")}
            </Button>
          )}
        </div>
      ))}
      {!disabled && (
        <Button icon="plus" onClick={() => onChange([...senders, { [address]: "", user_id: first, approve: true }])}>
          {t("connections.add_sender")}
        </Button>
      )}
    </fieldset>
  );
}
