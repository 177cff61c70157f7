/** One model: what it is, what it takes, and what can be done with it. */

import { useState } from "preact/hooks";
import { pullModel, removeModel, useModel, verifyModel, type Catalog, type Model } from "../../api/models";
import { Badge } from "../../components/Badge";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { ListItem } from "../../components/ListItem";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { bytes } from "../../text/format";
import { language, t } from "../../text/t";

interface Props {
  model: Model;
  catalog: Catalog;
  active: boolean;
  /** Something is being done to the models already. */
  busy: boolean;
  /** Models are not exchanged here: another server has them. */
  fixed: boolean;
  onChange: () => void;
}

type Asked = "pull" | "use" | "remove" | null;

export function ModelItem({ model, catalog, active, busy, fixed, onChange }: Props) {
  const [asked, setAsked] = useState<Asked>(null);
  const verifying = useAction();
  const chat = model.kind === "chat";
  const removable = chat && !active && !model.preinstalled;
  const there = model.state === "present" || model.state === "verified";
  const need = model.memory === null ? "" : t("models.takes", { memory: bytes(model.memory) });
  const does: Record<Exclude<Asked, null>, () => Promise<unknown>> = {
    pull: () => pullModel(model.id), use: () => useModel(model.id), remove: () => removeModel(model.id),
  };
  const confirm = async () => {
    if (asked === null) return;
    await does[asked]();
    if (asked === "remove") toast(t("models.removed", { name: model.name }));
    onChange();
  };
  const verify = async () => {
    await verifyModel(model.id);
    onChange();
  };
  const size = { size: bytes(model.size), free: bytes(catalog.free_bytes), name: model.name };
  const memory = { memory: bytes(model.memory ?? 0), all: bytes(catalog.memory_bytes) };
  return (
    <ListItem
      title={
        <>
          {model.name}{" "}
          {active && <Badge tone="good">{t("models.in_use")}</Badge>}
          {model.recommended && <Badge tone="accent">{t("models.recommended")}</Badge>}
          {chat && !model.fits && <Badge tone="warning">{t("models.too_large")}</Badge>}
          {model.state === "partial" && <Badge>{t("models.partial")}</Badge>}
        </>
      }
      detail={[bytes(model.size), need, model.license].filter(Boolean).join(" · ")}
      actions={
        <>
          {!there && (
            <Button small icon="download" disabled={busy} onClick={() => setAsked("pull")}>
              {t(model.state === "partial" ? "models.resume" : "models.download")}
              <span class="visually-hidden"> {model.name}</span>
            </Button>
          )}
          {there && chat && !active && !fixed && (
            <Button small icon="play" onClick={() => setAsked("use")}>
              {t("models.use")}<span class="visually-hidden"> {model.name}</span>
            </Button>
          )}
          {there && (
            <Button small kind="quiet" disabled={busy} busy={verifying.busy} onClick={() => verifying.run(verify)}>
              {t("models.verify")}<span class="visually-hidden"> {model.name}</span>
            </Button>
          )}
          {(there || model.state === "partial") && removable && (
            <Button small kind="quiet" icon="trash" disabled={busy} onClick={() => setAsked("remove")}>
              {t("common.delete")}<span class="visually-hidden"> {model.name}</span>
            </Button>
          )}
        </>
      }
    >
      {language.value === "en" && model.audience && <div class="list-detail">{model.audience}</div>}
      {model.recommended && <div class="list-detail">{t("models.recommended_why", memory)}</div>}
      {asked && (
        <ConfirmDialog
          title={t(`models.${asked}_title`, { name: model.name })} danger={asked === "remove"}
          action={t({ pull: "models.download", use: "models.use", remove: "common.delete" }[asked])}
          onConfirm={confirm} onClose={() => setAsked(null)}
        >
          <p>{t(`models.${asked}_text`, size)}</p>
          {asked !== "remove" && chat && model.memory !== null && (
            <p>{t(model.fits ? "models.memory_fits" : "models.memory_short", memory)}</p>
          )}
        </ConfirmDialog>
      )}
    </ListItem>
  );
}
