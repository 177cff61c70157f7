/** The latest lines of the log; they hold no text of messages. */

import { useState } from "preact/hooks";
import { LEVELS, loadLog, type Level } from "../../api/system";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { EmptyState } from "../../components/EmptyState";
import { ResourceView } from "../../components/ResourceView";
import { SelectField } from "../../components/SelectField";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

export function LogCard() {
  const [level, setLevel] = useState<Level>("warning");
  const resource = useResource((signal) => loadLog(level, signal), [level]);
  return (
    <Card title={t("system.log")}>
      <p class="hint">{t("system.log_hint")}</p>
      <SelectField
        label={t("system.level")} value={level} onChange={setLevel}
        choices={LEVELS.map((value) => ({ value, label: t(`system.level_${value}`) }))}
      />
      <Button icon="refresh" busy={resource.loading} onClick={() => void resource.reload()}>{t("common.reload")}</Button>
      <ResourceView resource={resource}>
        {({ lines }) => lines.length === 0 ? (
          <EmptyState icon="check" text={t("system.log_empty")} />
        ) : (
          <div class="log" role="region" aria-label={t("system.log")} tabIndex={0}>
            {lines.map((line, at) => (
              <p key={at} class={line.level} lang="en">
                <time dateTime={line.at}>{new Date(line.at).toLocaleString()}</time>{" "}
                <strong>{line.level}</strong> {line.process} {visible(line.text)}
              </p>
            ))}
          </div>
        )}
      </ResourceView>
    </Card>
  );
}
