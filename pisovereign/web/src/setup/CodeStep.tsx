/** Asks for the code that the device's screen shows: it proves whose device it is. */

import { useState } from "preact/hooks";
import { Field } from "../components/Field";
import { t } from "../text/t";
import { claim } from "./api";
import { Step } from "./Step";

export function CodeStep({ code, onDone }: { code: string; onDone: () => Promise<void> }) {
  const [value, setValue] = useState(code);
  const submit = async () => {
    await claim(value);
    await onDone();
  };
  return (
    <Step title={t("setup.code_title")} action={t("setup.continue")} onSubmit={submit}>
      <Field label={t("setup.code")} hint={t("setup.code_hint")} required>
        {(input) => (
          <input
            {...input} class="setup-code" value={value} maxLength={12} autocomplete="one-time-code" autocapitalize="characters"
            spellcheck={false} onInput={(event) => setValue(event.currentTarget.value)}
          />
        )}
      </Field>
    </Step>
  );
}
