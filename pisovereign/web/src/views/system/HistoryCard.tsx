/** How busy the device was, in small plots. */

import { useState } from "preact/hooks";
import { loadHistory, type Series, type Span } from "../../api/system";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { Plot } from "../../components/Plot";
import { ResourceView } from "../../components/ResourceView";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { bytes, number, percent } from "../../text/format";
import { t } from "../../text/t";
import { milliseconds, seconds, temperature } from "./units";

const SPANS: readonly Span[] = ["hour", "day"];
const POLL_MS = 30_000;
const PLOTS: readonly { series: Series; format: (value: number) => string; minimum: number }[] = [
  { series: "requests", format: (value) => number(value), minimum: 10 },
  { series: "p50_ms", format: milliseconds, minimum: 10 },
  { series: "p99_ms", format: milliseconds, minimum: 100 },
  { series: "tokens_per_second", format: (value) => number(value, 1), minimum: 5 },
  { series: "first_token_s", format: seconds, minimum: 1 },
  { series: "memory_mb", format: (value) => bytes(value * 1024 * 1024), minimum: 500 },
  { series: "cpu_percent", format: (value) => percent(value / 100), minimum: 100 },
  { series: "temperature_c", format: temperature, minimum: 85 },
];

export function HistoryCard() {
  const [span, setSpan] = useState<Span>("hour");
  const resource = useResource((signal) => loadHistory(span, signal), [span]);
  usePolling(resource.reload, true, POLL_MS);
  return (
    <Card title={t("system.history")}>
      <div class="actions" role="group" aria-label={t("system.history")}>
        {SPANS.map((each) => (
          <Button key={each} pressed={each === span} onClick={() => setSpan(each)}>{t(`system.span_${each}`)}</Button>
        ))}
      </div>
      <ResourceView resource={resource}>
        {(history) => (
          <div class="columns">
            {PLOTS.map(({ series, format, minimum }) => (
              <Plot key={series} label={t(`system.plot_${series}`)} values={history[series]} format={format} minimum={minimum} />
            ))}
          </div>
        )}
      </ResourceView>
    </Card>
  );
}
