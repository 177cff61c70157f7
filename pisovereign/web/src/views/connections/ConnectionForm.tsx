/** The form of a connection, drawn from the fields that the program describes. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { saveConnection, testConnection, type Form, type TestResult, type Value } from "../../api/connections";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { FormFields } from "./FormFields";
import { ProviderPicker } from "./ProviderPicker";
import { TestSteps } from "./TestSteps";
import { startValues, toSend } from "./values";
import { WebhookSteps } from "./WebhookSteps";

export function ConnectionForm({ form, onSaved }: { form: Form; onSaved: (form: Form) => void }) {
  const [values, setValues] = useState(() => startValues(form));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<"" | "save" | "test">("");
  const [result, setResult] = useState<TestResult | null>(null);
  const change = (name: string, value: Value) => setValues((before) => ({ ...before, [name]: value }));
  const attempt = async (what: "save" | "test", work: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    setResult(null);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    }
    setBusy("");
  };
  const save = () => attempt("save", async () => {
    const saved = await saveConnection(form.kind, toSend(form, values));
    toast(t("connections.saved"));
    onSaved(saved);
  });
  const test = () => attempt("test", async () => {
    setResult(await testConnection(form.kind, form.editable ? toSend(form, values) : null));
  });
  const errors = fieldErrors(error);
  const unknown = Object.keys(errors).length === 0;
  return (
    <form
      class="connection-form" noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {form.editable && (
        <ProviderPicker form={form} values={values} onFill={(found) => setValues((before) => ({ ...before, ...found }))} />
      )}
      <FormFields form={form} values={values} errors={errors} onChange={change} />
      {form.webhook && <WebhookSteps path={form.webhook} />}
      <ErrorLine error={error === null ? null : unknown ? error : t("connections.check_fields")} />
      <div class="actions">
        {form.editable && <Button kind="primary" type="submit" busy={busy === "save"}>{t("common.save")}</Button>}
        {(form.editable || form.source !== "none") && (
          <Button icon="activity" busy={busy === "test"} onClick={() => void test()}>{t("connections.test")}</Button>
        )}
      </div>
      <TestSteps result={result} busy={busy === "test"} />
    </form>
  );
}
