/** The model that answers, what a test has shown of it, and how an exchange goes. */

import { testModel, type Engine, type Model } from "../../api/models";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { Loading } from "../../components/Loading";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { abilitiesText, scoresText } from "./abilitiesText";

interface Props {
  engine: Engine;
  models: readonly Model[];
  onChange: () => void;
}

export function ActiveModelCard({ engine, models, onChange }: Props) {
  const testing = useAction();
  const name = (id: string) => models.find((each) => each.id === id)?.name ?? id;
  const model = models.find((each) => each.id === engine.model);
  const test = async () => {
    await testModel(engine.model);
    toast(t("models.testing"));
    onChange();
  };
  const exchange = engine.switch;
  return (
    <Card
      title={t("models.answers", { name: name(engine.model) })} tone="accent"
      actions={<Button busy={testing.busy} icon="refresh" onClick={() => testing.run(test)}>{t(model && !model.abilities.tested ? "models.test_first" : "models.test")}</Button>}
    >
      {model && <p>{abilitiesText(model.abilities)}</p>}
      {model && model.abilities.tested && <p class="hint">{scoresText(model.abilities)}</p>}
      <div aria-live="polite">
        {exchange && (exchange.stage === "loading" || exchange.stage === "waiting") && (
          <Loading text={t(`models.switch_${exchange.stage}`, { name: name(exchange.model) })} />
        )}
        {exchange?.stage === "done" && exchange.model === engine.model && <p>{t("models.switch_done")}</p>}
      </div>
      {exchange?.stage === "failed" && (
        <ErrorLine error={t("models.switch_failed", { name: name(exchange.model), error: exchange.error ?? "" })} />
      )}
    </Card>
  );
}
