/** What a test did, step by step, and how it ended. */

import type { Step, TestResult } from "../../api/connections";
import { Icon, type IconName } from "../../components/Icon";
import { Loading } from "../../components/Loading";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

const ICONS: Record<Step["status"], IconName> = { done: "done", failed: "alert", skipped: "more" };

export function TestSteps({ result, busy }: { result: TestResult | null; busy: boolean }) {
  return (
    <section class="test-steps" aria-live="polite" aria-label={t("connections.test_result")}>
      {busy && <Loading text={t("connections.testing")} />}
      {result && (
        <>
          <h2>{t(`connections.test_${result.status}`)}</h2>
          <ol>
            {result.steps.map((step, at) => (
              <li key={at} class={step.status}>
                <Icon name={ICONS[step.status]} />
                <div>
                  <span>{visible(step.title)}</span>
                  <span class="visually-hidden">: {t(`connections.step_${step.status}`)}</span>
                  {step.status === "skipped" && <span class="hint"> {t("connections.step_skipped")}</span>}
                  {step.detail && <div class="step-detail">{visible(step.detail)}</div>}
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
