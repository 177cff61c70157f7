/** Set-up, step by step: the code, the person, the model, the key, and then the chat. */

import { useEffect, useState } from "preact/hooks";
import { whenSignedOut } from "../api/client";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { ErrorLine } from "../components/ErrorLine";
import { LanguageSelect } from "../components/LanguageSelect";
import { ToastList } from "../components/ToastList";
import { language, t } from "../text/t";
import { AboutStep } from "./AboutStep";
import { hasSession, loadState, setSession, type SetupState } from "./api";
import { CodeStep } from "./CodeStep";
import { KeyStep } from "./KeyStep";
import { ModelStep } from "./ModelStep";
import { StartStep } from "./StartStep";

type Step = "code" | "about" | "model" | "key" | "start";

export function SetupApp() {
  const [step, setStep] = useState<Step>("code");
  const [error, setError] = useState<unknown>(null);
  const [state, setState] = useState<SetupState | null>(null);
  const [code] = useState(takeCode);
  const [person, setPerson] = useState({ name: "", time_zone: ownZone() });
  const [key, setKey] = useState("");
  const about = { ...person, language: language.value };
  const go = (next: Step) => {
    setError(null);
    setStep(next);
  };
  const enter = async () => {
    setState(await loadState());
    go("about");
  };
  useEffect(() => {
    whenSignedOut(() => {
      setSession("");
      setStep("code");
      setError(t("setup.enter_code_again"));
    });
    if (hasSession() && !code) enter().catch(setError);
  }, []);
  useEffect(() => {
    document.title = `PiSovereign: ${t(`setup.${step}_title`)}`;
  });
  return (
    <ErrorBoundary>
      <header class="setup-header">
        <p class="brand">PiSovereign</p>
        <LanguageSelect />
      </header>
      <main class="page narrow">
        <ErrorLine error={error} />
        {step === "code" && <CodeStep code={code} onDone={enter} />}
        {step === "about" && <AboutStep about={about} onChange={setPerson} onDone={() => go("model")} />}
        {step === "model" && state && (
          <ModelStep
            about={about} state={state} onState={setState} onBack={() => go("about")}
            onKey={(made) => {
              setKey(made);
              go("key");
            }}
          />
        )}
        {step === "key" && <KeyStep apiKey={key} onDone={() => go("start")} />}
        {step === "start" && <StartStep apiKey={key} />}
      </main>
      <ToastList />
    </ErrorBoundary>
  );
}

// The code that a QR code carries, which is not to be kept in the history.
function takeCode(): string {
  const found = /code=([\w-]+)/.exec(location.hash);
  if (found) history.replaceState(null, "", "/");
  return found?.[1] ?? "";
}

function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
