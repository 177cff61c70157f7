/** The recommended model, which the program fetches by itself after the first start, and then offers. */

import { useModel, type Engine, type Model } from "../../api/models";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { Loading } from "../../components/Loading";
import { ProgressBar } from "../../components/ProgressBar";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";

interface Props {
  engine: Engine;
  models: readonly Model[];
  onChange: () => void;
}

export function OfferCard({ engine, models, onChange }: Props) {
  const using = useAction();
  const fetched = engine.fetch;
  if (!fetched || fetched.model === engine.model) return null;
  const name = models.find((each) => each.id === fetched.model)?.name ?? fetched.model;
  const use = async () => {
    await useModel(fetched.model);
    onChange();
  };
  return (
    <Card title={t("models.better", { name })}>
      {fetched.stage === "fetching" && (
        <ProgressBar label={t("models.fetching_itself")} done={fetched.done ?? 0} total={fetched.total ?? 0} />
      )}
      {fetched.stage === "proving" && <Loading text={t("models.proving")} />}
      {fetched.stage === "offered" && (
        <>
          <p>{t("models.offered", { name })}</p>
          <Button kind="primary" busy={using.busy} onClick={() => using.run(use)}>{t("models.use_now")}</Button>
        </>
      )}
      {fetched.stage === "failed" && <ErrorLine error={t("models.fetch_failed", { error: fetched.error ?? "" })} />}
    </Card>
  );
}
