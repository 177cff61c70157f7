/** Copies a text, and says that it did. */

import { useState } from "preact/hooks";
import { t } from "../text/t";
import { copyText } from "./copyText";
import { IconButton } from "./IconButton";
import { toast } from "./toasts";

const SHOWN_MS = 2_000;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) {
      toast(t("common.not_copied"), { tone: "error" });
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <>
      <IconButton
        icon={copied ? "check" : "copy"} label={copied ? t("common.copied") : (label ?? t("common.copy"))}
        onClick={() => void copy()}
      />
      <span class="visually-hidden" role="status">{copied ? t("common.copied") : ""}</span>
    </>
  );
}
