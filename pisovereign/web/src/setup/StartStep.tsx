/** Waits for the assistant, signs this browser in, and opens the chat. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ErrorLine } from "../components/ErrorLine";
import { language, t } from "../text/t";
import { waitAndSignIn } from "./api";

export function StartStep({ apiKey }: { apiKey: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [error, setError] = useState<unknown>(null);
  const open = async () => {
    setError(null);
    try {
      // Where that did not work, the page asks for the key.
      await waitAndSignIn(apiKey, language.value);
      location.replace("/");
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    heading.current?.focus();
    void open();
  }, []);
  return (
    <section>
      <h1 ref={heading} tabIndex={-1} id="start-title">{t("setup.start_title")}</h1>
      <p>{t("setup.start_hint")}</p>
      <progress aria-labelledby="start-title" />
      <ErrorLine error={error} onRetry={() => void open()} />
    </section>
  );
}
