/** A message that a person sends to themselves, to see whether it comes. */

import { useState } from "preact/hooks";
import { testNotification, WAYS, type Delivery, type Way } from "../../api/notifications";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { SelectField } from "../../components/SelectField";
import { t } from "../../text/t";

export function TestMessageCard() {
  const [way, setWay] = useState<Way>("push");
  const [came, setCame] = useState<Delivery | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setCame(null);
    setError(null);
    try {
      setCame(await testNotification(way));
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <Card title={t("told.title")}>
      <SelectField
        label={t("told.way")} value={way} onChange={(chosen: Way) => setWay(chosen)}
        choices={WAYS.map((value) => ({ value, label: t(`told.${value}`) }))}
      />
      <div class="actions"><Button busy={busy} onClick={() => void send()}>{t("told.send")}</Button></div>
      <p role="status">{came && `${t(`told.status_${came.status}`)}${came.error ? ` ${came.error}` : ""}`}</p>
      <ErrorLine error={error} />
    </Card>
  );
}
