/** One step of set-up: a form with a heading, which gets the focus. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../components/Button";
import { ErrorLine } from "../components/ErrorLine";
import { t } from "../text/t";

interface Props {
  title: string;
  action: string;
  onSubmit: () => Promise<void>;
  /** It is told what went wrong first; it returns whether it shows that by itself. */
  onError?: (error: unknown) => boolean;
  onBack?: () => void;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Step({ title, action, onSubmit, onError, onBack, disabled = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => heading.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit();
    } catch (problem) {
      if (!onError?.(problem)) setError(problem);
    }
    setBusy(false);
  };
  return (
    <form class="setup-step" onSubmit={(event) => void submit(event)}>
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
      <ErrorLine error={error} />
      <div class="actions">
        <Button kind="primary" type="submit" busy={busy} disabled={disabled}>{action}</Button>
        {onBack && <Button onClick={onBack}>{t("setup.back")}</Button>}
      </div>
    </form>
  );
}
