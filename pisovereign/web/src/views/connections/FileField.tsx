/** A file whose text is part of the form: chosen here, and read in the browser. */

import { useState } from "preact/hooks";
import type { FormField } from "../../api/connections";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { t } from "../../text/t";

interface Props {
  field: FormField;
  text: string;
  disabled: boolean;
  error: string | undefined;
  onChange: (text: string) => void;
}

const MOST_BYTES = 256 * 1024;

export function FileField({ field, text, disabled, error, onChange }: Props) {
  const [tooLarge, setTooLarge] = useState(false);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > MOST_BYTES);
    if (file.size <= MOST_BYTES) onChange(decoded(await file.arrayBuffer()));
  };
  return (
    <div class="file-field">
      <Field label={field.label} hint={field.help} error={tooLarge ? t("connections.file_too_large") : error} required={field.required && !text}>
        {(input) => (
          <input
            {...input} type="file" accept={field.placeholder} disabled={disabled}
            onChange={(event) => void choose(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
      <p role="status">{text && t("connections.file_there", { lines: text.trimEnd().split("\n").length })}</p>
      {text && !disabled && (
        <Button small icon="trash" onClick={() => onChange("")}>{t("connections.remove_file")}</Button>
      )}
    </div>
  );
}

/** Return the text: in UTF-8, else as older programs on Windows write it. */
function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
