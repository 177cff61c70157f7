/** Shows that a part of the page broke, instead of an empty page. */

import { Component, type ComponentChildren } from "preact";
import { Button } from "../components/Button";
import { ErrorLine } from "../components/ErrorLine";
import { t } from "../text/t";

interface State {
  error: unknown;
}

export class ErrorBoundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = { error: null };

  static override getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div class="page">
        <ErrorLine error={t("common.broken")} />
        <p><Button icon="refresh" onClick={() => location.reload()}>{t("common.reload")}</Button></p>
      </div>
    );
  }
}
