/** Code, as it is, with a button that copies it. */

import { t } from "../text/t";
import { revealed } from "../text/visible";
import { CopyButton } from "./CopyButton";

export function CodeBlock({ text, language }: { text: string; language: string }) {
  const name = language.split(/\s/)[0]?.slice(0, 30) ?? "";
  return (
    <div class="code-block">
      <div class="code-header">
        <span>{name ? revealed(name) : t("markdown.code")}</span>
        <CopyButton text={text} />
      </div>
      <pre tabIndex={0} role="region" aria-label={t("markdown.code")}><code>{revealed(text)}</code></pre>
    </div>
  );
}
