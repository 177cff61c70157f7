/** What is being done to the models, or what became of it. */

import { pullModel, stopWork, type Model, type Work } from "../../api/models";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ErrorLine } from "../../components/ErrorLine";
import { ProgressBar } from "../../components/ProgressBar";
import { useAction } from "../../components/useAction";
import { hasText, t } from "../../text/t";

interface Props {
  work: Work;
  models: readonly Model[];
  onChange: () => void;
}

export function WorkCard({ work, models, onChange }: Props) {
  const acting = useAction();
  const name = models.find((each) => each.id === work.model)?.name ?? work.model;
  const after = (step: () => Promise<unknown>) => () => acting.run(async () => {
    await step();
    onChange();
  });
  const action = `models.action_${work.action ?? work.kind}`;
  // Whoever sends a file is told where it was chosen.
  if (work.kind === "upload") return null;
  if (work.status === "running") {
    return (
      <Card
        title={name || t("models.new_model")}
        actions={<Button busy={acting.busy} icon="stop" onClick={after(stopWork)}>{t("models.stop")}</Button>}
      >
        <ProgressBar label={hasText(action) ? t(action) : t("common.loading")} done={work.done} total={work.total} />
      </Card>
    );
  }
  if (work.status === "failed") {
    return <ErrorLine error={t("models.work_failed", { name, error: work.error ?? "" })} />;
  }
  if (work.status === "stopped" && work.kind === "pull") {
    return (
      <Card
        title={t("models.stopped", { name })}
        actions={<Button busy={acting.busy} icon="play" onClick={after(() => pullModel(work.model))}>{t("models.resume")}</Button>}
      >
        <p>{t("models.stopped_hint")}</p>
      </Card>
    );
  }
  return null;
}
