/** One group of settings: its form, and who said what holds. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { removeSettings, saveSettings, type SettingsForm, type Value } from "../../api/connections";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { FormFields } from "../connections/FormFields";
import { startValues, toSend } from "../connections/values";

export function SettingsCard({ form, onChanged }: { form: SettingsForm; onChanged: () => Promise<void> }) {
  const [values, setValues] = useState(() => startValues(form));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      toast(t("settings.saved"));
      await onChanged();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const errors = fieldErrors(error);
  const change = (name: string, value: Value) => setValues((before) => ({ ...before, [name]: value }));
  return (
    <Card title={form.title}>
      <p>{form.description}</p>
      {form.reason && <p class="hint">{form.reason}</p>}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(() => saveSettings(form.kind, toSend(form, values)));
        }}
      >
        <FormFields form={form} values={values} errors={errors} onChange={change} />
        <ErrorLine error={Object.keys(errors).length === 0 ? error : null} />
        {form.editable && (
          <div class="actions">
            <Button type="submit" busy={busy}>{t("common.save")}</Button>
            {form.source === "saved" && (
              <Button kind="quiet" disabled={busy} onClick={() => void attempt(() => removeSettings(form.kind))}>
                {t("settings.usual")}
              </Button>
            )}
          </div>
        )}
      </form>
    </Card>
  );
}
