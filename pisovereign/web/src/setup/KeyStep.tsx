/** Shows the new key, this once. */

import { useState } from "preact/hooks";
import { CheckField } from "../components/CheckField";
import { CopyButton } from "../components/CopyButton";
import { t } from "../text/t";
import { finish } from "./api";
import { Step } from "./Step";

export function KeyStep({ apiKey, onDone }: { apiKey: string; onDone: () => void }) {
  const [saved, setSaved] = useState(false);
  const submit = async () => {
    await finish(apiKey);
    onDone();
  };
  return (
    <Step title={t("setup.key_title")} action={t("setup.finish")} onSubmit={submit}>
      <p>{t("setup.key_hint")}</p>
      <div class="setup-key">
        <output id="key">{apiKey}</output>
        <CopyButton text={apiKey} label={t("setup.copy")} />
      </div>
      <CheckField label={t("setup.key_saved")} checked={saved} onChange={setSaved} required />
    </Step>
  );
}
