// The set-up page: a code, a few questions, a model, a key, and then the chat.
"use strict";

const TEXTS = {
  en: {
    languageName: "English",
    codeTitle: "Welcome",
    codeHint: "This device is new. The screen that is connected to it shows a code; it proves that the device is yours.",
    code: "Code",
    next: "Continue",
    back: "Back",
    aboutTitle: "About you",
    name: "Your name",
    nameWrong: "This name cannot be used. It may have up to 60 characters, on one line.",
    nameHint: "What the assistant calls you. It stays on this device.",
    zone: "Time zone",
    zoneWrong: "There is no such time zone. Choose one from the list, such as Europe/Berlin.",
    zoneHint: "Such as Europe/Berlin. Reminders and the calendar go by it.",
    modelTitle: "The model",
    memory: "This device has {memory} of memory, and {free} are free on its card. A larger model answers better and more slowly.",
    model: "Which model answers",
    recommended: "recommended",
    modelTooLarge: "needs more memory than there is",
    modelIsHere: "is here already, works without internet",
    modelOnMedia: "found on the memory stick",
    download: "{size} to download",
    downloading: "Getting {file}: {done} of {total}",
    verifying: "Checking the files",
    file: "Or a model of your own",
    fileHint: "A GGUF file: choose it, or drop it here. What it is and needs is read first.",
    fileFound: "{name}: {size}, {format}, license {license}. It needs {memory} of memory with a conversation of {context} tokens.",
    fileAdded: "{name} is here.",
    memoryNeeded: "needs {memory} of memory",
    uploading: "Sending {file}: {done} of {total}",
    stop: "Stop",
    keyTitle: "Your key",
    keyHint: "This key opens your assistant. It is shown this once and cannot be shown again: keep it where you keep passwords.",
    copy: "Copy the key",
    copied: "Copied.",
    keySaved: "I have kept the key",
    finish: "Finish",
    startTitle: "Your assistant starts",
    startHint: "Finding the best settings for this device takes a few minutes the first time. The chat opens by itself.",
    offline: "The device does not answer. Is it on, and in the same network?",
    enterCodeAgain: "Enter the code that the screen shows now.",
    downloadFailed: "The model cannot be had: {error} Choose one that is here already, or plug in a memory stick that holds it.",
  },
  de: {
    languageName: "Deutsch",
    codeTitle: "Willkommen",
    codeHint: "Dieses Gerät ist neu. Der Bildschirm, der daran angeschlossen ist, zeigt einen Code; er beweist, dass das Gerät dir gehört.",
    code: "Code",
    next: "Weiter",
    back: "Zurück",
    aboutTitle: "Über dich",
    name: "Dein Name",
    nameWrong: "Dieser Name geht nicht. Er darf bis zu 60 Zeichen in einer Zeile haben.",
    nameHint: "So nennt dich der Assistent. Er bleibt auf diesem Gerät.",
    zone: "Zeitzone",
    zoneWrong: "Diese Zeitzone gibt es nicht. Wähle eine aus der Liste, zum Beispiel Europe/Berlin.",
    zoneHint: "Zum Beispiel Europe/Berlin. Erinnerungen und Kalender richten sich danach.",
    modelTitle: "Das Modell",
    memory: "Dieses Gerät hat {memory} Arbeitsspeicher, und auf seiner Karte sind {free} frei. Ein größeres Modell antwortet besser und langsamer.",
    model: "Welches Modell antwortet",
    recommended: "empfohlen",
    modelTooLarge: "braucht mehr Arbeitsspeicher, als da ist",
    modelIsHere: "ist schon da, geht ohne Internet",
    modelOnMedia: "auf dem USB-Stick gefunden",
    download: "{size} zum Herunterladen",
    downloading: "Hole {file}: {done} von {total}",
    verifying: "Prüfe die Dateien",
    file: "Oder ein eigenes Modell",
    fileHint: "Eine GGUF-Datei: Wähle sie aus, oder zieh sie hierher. Was sie ist und braucht, wird zuerst gelesen.",
    fileFound: "{name}: {size}, {format}, Lizenz {license}. Es braucht {memory} Arbeitsspeicher bei einem Gespräch von {context} Tokens.",
    fileAdded: "{name} ist da.",
    memoryNeeded: "braucht {memory} Arbeitsspeicher",
    uploading: "Sende {file}: {done} von {total}",
    stop: "Anhalten",
    keyTitle: "Dein Schlüssel",
    keyHint: "Dieser Schlüssel öffnet deinen Assistenten. Er wird nur dieses eine Mal gezeigt: Bewahre ihn dort auf, wo du Passwörter aufbewahrst.",
    copy: "Schlüssel kopieren",
    copied: "Kopiert.",
    keySaved: "Ich habe den Schlüssel aufbewahrt",
    finish: "Fertig",
    startTitle: "Dein Assistent startet",
    startHint: "Beim ersten Mal dauert es ein paar Minuten, die besten Einstellungen für dieses Gerät zu finden. Der Chat öffnet sich von selbst.",
    offline: "Das Gerät antwortet nicht. Ist es an und im selben Netz?",
    enterCodeAgain: "Gib den Code ein, den der Bildschirm jetzt zeigt.",
    downloadFailed: "Das Modell ist nicht zu bekommen: {error} Wähle eines, das schon da ist, oder stecke einen USB-Stick ein, auf dem es liegt.",
  },
  fr: {
    languageName: "Français",
    codeTitle: "Bienvenue",
    codeHint: "Cet appareil est neuf. L'écran qui y est relié affiche un code ; il prouve que l'appareil est à toi.",
    code: "Code",
    next: "Continuer",
    back: "Retour",
    aboutTitle: "À propos de toi",
    name: "Ton nom",
    nameWrong: "Ce nom n'est pas possible. Il peut avoir jusqu'à 60 caractères, sur une ligne.",
    nameHint: "C'est ainsi que l'assistant t'appelle. Il reste sur cet appareil.",
    zone: "Fuseau horaire",
    zoneWrong: "Ce fuseau horaire n'existe pas. Choisis-en un dans la liste, par exemple Europe/Paris.",
    zoneHint: "Par exemple Europe/Paris. Les rappels et l'agenda s'y conforment.",
    modelTitle: "Le modèle",
    memory: "Cet appareil a {memory} de mémoire, et {free} sont libres sur sa carte. Un modèle plus grand répond mieux et plus lentement.",
    model: "Quel modèle répond",
    recommended: "recommandé",
    modelTooLarge: "demande plus de mémoire qu'il n'y en a",
    modelIsHere: "est déjà là, marche sans internet",
    modelOnMedia: "trouvé sur la clé USB",
    download: "{size} à télécharger",
    downloading: "Téléchargement de {file} : {done} sur {total}",
    verifying: "Vérification des fichiers",
    file: "Ou un modèle à toi",
    fileHint: "Un fichier GGUF : choisis-le, ou dépose-le ici. Ce qu'il est et demande est lu d'abord.",
    fileFound: "{name} : {size}, {format}, licence {license}. Il demande {memory} de mémoire pour une conversation de {context} jetons.",
    fileAdded: "{name} est là.",
    memoryNeeded: "demande {memory} de mémoire",
    uploading: "Envoi de {file} : {done} sur {total}",
    stop: "Arrêter",
    keyTitle: "Ta clé",
    keyHint: "Cette clé ouvre ton assistant. Elle n'est montrée que cette fois : garde-la là où tu gardes tes mots de passe.",
    copy: "Copier la clé",
    copied: "Copiée.",
    keySaved: "J'ai gardé la clé",
    finish: "Terminer",
    startTitle: "Ton assistant démarre",
    startHint: "La première fois, trouver les meilleurs réglages pour cet appareil prend quelques minutes. La discussion s'ouvre d'elle-même.",
    offline: "L'appareil ne répond pas. Est-il allumé, et dans le même réseau ?",
    enterCodeAgain: "Saisis le code que l'écran affiche maintenant.",
    downloadFailed: "Impossible d'obtenir le modèle : {error} Choisis-en un qui est déjà là, ou branche une clé USB qui le contient.",
  },
};
const STEPS = ["code", "about", "model", "key", "start"];
// Fields of answers, and the elements in which a person corrects them.
const INPUTS = { name: "name", time_zone: "zone" };
const POLL_INTERVAL_MS = 1000;
const PIECE_BYTES = 1024 * 1024;
const SESSION_STORAGE = "pisovereign-setup";
const KEY_STORAGE = "pisovereign-key";

const byId = (id) => document.getElementById(id);
const LANGUAGES = Object.keys(TEXTS);
let language = LANGUAGES.find((code) => navigator.language.toLowerCase().startsWith(code)) || "en";
let session = sessionStorage.getItem(SESSION_STORAGE) || "";
let step = "code";
let state = null;
let chosenModel = null;
let pollId = 0;
let sending = null; // what is being uploaded: its name, and the bytes that are there
let key = "";

function text(name, values = {}) {
  return TEXTS[language][name].replace(/{(\w+)}/g, (_, field) => values[field]);
}

function formatSize(bytes) {
  const unit = bytes >= 1e9 ? ["gigabyte", bytes / 1e9] : ["megabyte", bytes / 1e6];
  return new Intl.NumberFormat(language, {
    style: "unit", unit: unit[0], maximumFractionDigits: 1,
  }).format(unit[1]);
}

function nextLanguage() {
  return LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
}

function applyLanguage() {
  document.documentElement.lang = language;
  document.title = `PiSovereign: ${text(`${step}Title`)}`;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  byId("language-button").textContent = TEXTS[nextLanguage()].languageName;
  byId("language-button").lang = nextLanguage();
  if (state) showModels();
}

function showStep(next) {
  step = next;
  for (const name of STEPS) byId(`step-${name}`).hidden = name !== next;
  clearErrors();
  byId("status").textContent = "";
  applyLanguage();
  byId(`step-${next}`).querySelector("h1").focus();
}

function clearErrors() {
  byId("error-message").textContent = "";
  for (const id of Object.values(INPUTS)) {
    byId(id).removeAttribute("aria-invalid");
    byId(`${id}-error`).textContent = "";
    delete byId(`${id}-error`).dataset.text;
  }
}

// What is wrong with a field is said beside it, on the page that has it.
function showError(error) {
  const inputs = (error.fields || []).map((field) => INPUTS[field.field]).filter(Boolean);
  if (!inputs.length) {
    byId("error-message").textContent = error.message;
    return;
  }
  if (step !== "about") showStep("about");
  for (const id of inputs) {
    byId(id).setAttribute("aria-invalid", "true");
    byId(`${id}-error`).dataset.text = `${id}Wrong`;
    byId(`${id}-error`).textContent = text(`${id}Wrong`);
  }
  byId(inputs[0]).focus();
}

async function request(method, path, body, headers = {}) {
  const raw = body instanceof Blob;
  const type = raw ? "application/octet-stream" : "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Content-Type": type, "X-Setup-Session": session, ...headers },
      body: body === undefined || raw ? body : JSON.stringify(body),
    });
  } catch {
    throw new Error(text("offline"));
  }
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return answer;
  if (response.status === 401 && step !== "code") {
    sessionStorage.removeItem(SESSION_STORAGE);
    session = "";
    showStep("code");
    throw new Error(text("enterCodeAgain"));
  }
  const fields = answer.error.details.fields || [];
  const named = fields
    .map((field) => (field.field === "file" ? field.error : `${field.field} ${field.error}`))
    .join("; ");
  throw Object.assign(new Error(named || answer.error.message), { fields });
}

async function refreshState() {
  const current = await request("GET", "/setup/state");
  const same = state && JSON.stringify(state.models) === JSON.stringify(current.models);
  state = current;
  if (step === "model" && !same) showModels();
  else showDownload();
}

function describeModel(model) {
  const parts = [model.parameters, model.license];
  if (model.state === "verified") parts.push(text("modelIsHere"));
  else if (model.on_media) parts.push(text("modelOnMedia"));
  else parts.push(text("download", { size: formatSize(model.size) }));
  parts.push(text("memoryNeeded", { memory: formatSize(model.memory) }));
  if (!model.fits) parts.push(text("modelTooLarge"));
  if (language === "en" && model.audience) parts.push(model.audience); // there are no others
  return parts.join(" · ");
}

function showModels() {
  const values = { memory: formatSize(state.memory_bytes), free: formatSize(state.free_bytes) };
  byId("memory").textContent = text("memory", values);
  const chosen = document.querySelector("input[name=model]:checked");
  const fallback = state.models.find((model) => model.recommended) || state.models[0];
  const selected = chosen ? chosen.value : fallback.id;
  const focused = document.activeElement && document.activeElement.value;
  byId("models").replaceChildren(byId("models").querySelector("legend"));
  for (const model of state.models) {
    const label = document.createElement("label");
    label.className = "choice";
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "model", value: model.id, required: true });
    input.checked = model.id === selected;
    const description = document.createElement("span");
    const name = document.createElement("strong");
    name.textContent = model.recommended ? `${model.name} (${text("recommended")})` : model.name;
    const details = document.createElement("span");
    details.className = "hint";
    details.textContent = describeModel(model);
    description.append(name, details);
    label.append(input, description);
    byId("models").append(label);
    if (model.id === focused) input.focus();
  }
  showDownload();
}

function showDownload() {
  const download = sending || state.pull;
  const running = Boolean(download && download.status === "running");
  byId("download").hidden = !running;
  byId("choose-button").disabled = running;
  byId("models").disabled = running;
  byId("file").disabled = running;
  if (!running) return;
  const values = { file: download.file, done: formatSize(download.done), total: formatSize(download.total) };
  const doing = sending ? "uploading" : "downloading";
  byId("download-text").textContent = text(download.total ? doing : "verifying", values);
  if (download.total) byId("progress").value = Math.round((1000 * download.done) / download.total);
  else byId("progress").removeAttribute("value");
}

// Piece by piece, so that one that is lost costs no more than itself.
async function sendFile(file) {
  const query = { name: file.name, size: file.size };
  sending = { status: "running", file: file.name, done: 0, total: file.size };
  byId("file-found").textContent = "";
  showDownload();
  let told = null;
  try {
    for (let offset = 0; sending && !(told && told.model); offset = told.held) {
      const parameters = new URLSearchParams({ ...query, offset });
      const piece = file.slice(offset, offset + PIECE_BYTES);
      told = await request("POST", `/setup/upload?${parameters}`, piece);
      if (told.found) showFound(told.found);
      if (sending) sending.done = told.held;
      showDownload();
    }
  } finally {
    sending = null;
    byId("file").value = "";
    await refreshState();
    showDownload();
  }
  if (!told || !told.model) return; // it was stopped
  byId("file-found").textContent += ` ${text("fileAdded", { name: told.found.name })}`;
  document.querySelector(`input[name=model][value="${CSS.escape(told.model)}"]`).checked = true;
}

function showFound(found) {
  const need = found.needs[0];
  byId("file-found").textContent = text("fileFound", {
    name: found.name,
    size: formatSize(found.size),
    format: found.quantization,
    license: found.license,
    memory: formatSize(need.weights + need.compute + need.conversation),
    context: need.context,
  });
}

async function takeFile(files) {
  if (!files.length || sending) return;
  clearErrors();
  try {
    await sendFile(files[0]);
  } catch (error) {
    byId("file-found").textContent = "";
    showError(error);
  }
}

// While the models are shown: a stick may be plugged in, and files arrive.
async function pollState() {
  const id = ++pollId;
  while (step === "model" && id === pollId) {
    await refreshState();
    const download = state.pull;
    if (chosenModel !== null && download && download.status === "failed") {
      chosenModel = null;
      showError(new Error(text("downloadFailed", { error: download.error })));
    } else if (chosenModel !== null && download && download.status === "done") {
      await makeKey();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

function readAnswers() {
  return { name: byId("name").value.trim(), time_zone: byId("zone").value.trim(), language };
}

async function makeKey() {
  const answers = { ...readAnswers(), model: chosenModel };
  key = (await request("POST", "/setup/key", answers)).api_key;
  byId("key").textContent = key;
  showStep("key");
}

async function waitForChat() {
  for (;;) {
    try {
      const ready = await fetch("/ready", { cache: "no-store" });
      if (ready.ok) {
        location.replace("/");
        return;
      }
    } catch {
      // It is between set-up and the assistant.
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

function onSubmit(id, action) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors();
    const button = byId(id).querySelector("button[type=submit]");
    button.disabled = true;
    try {
      await action();
    } catch (error) {
      showError(error);
    } finally {
      button.disabled = Boolean(id === "step-model" && state && state.pull && state.pull.status === "running");
    }
  });
}

onSubmit("step-code", async () => {
  session = (await request("POST", "/setup/claim", { code: byId("code").value })).session;
  sessionStorage.setItem(SESSION_STORAGE, session);
  byId("code").value = "";
  await refreshState();
  showStep("about");
});
onSubmit("step-about", async () => {
  await request("POST", "/setup/about", readAnswers());
  await refreshState();
  showStep("model");
  pollState().catch(showError);
});
onSubmit("step-model", async () => {
  const choice = document.querySelector("input[name=model]:checked").value;
  const model = state.models.find((each) => each.id === choice);
  chosenModel = choice;
  if (model.state === "verified") return makeKey();
  const source = model.on_media ? "media" : "download";
  await request("POST", "/setup/model", { model: choice, source });
  return refreshState();
});
onSubmit("step-key", async () => {
  await request("POST", "/setup/finish", undefined, { Authorization: `Bearer ${key}` });
  sessionStorage.removeItem(SESSION_STORAGE);
  localStorage.setItem(KEY_STORAGE, key);
  showStep("start");
  waitForChat();
});
byId("file").addEventListener("change", () => takeFile(byId("file").files));
// Missing it by a finger's width must not open the file in place of the page.
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (step === "model") takeFile(event.dataTransfer.files);
});
byId("stop-button").addEventListener("click", async () => {
  chosenModel = null;
  if (sending) {
    sending = null;
    return;
  }
  try {
    await request("DELETE", "/setup/model");
    await refreshState();
  } catch (error) {
    showError(error);
  }
});
byId("back-button").addEventListener("click", () => {
  chosenModel = null; // what is being fetched goes on, but nothing waits for it
  showStep("about");
});
byId("copy-button").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(key);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(byId("key"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy"); // without TLS there is no other way
  }
  byId("status").textContent = text("copied");
});
byId("language-button").addEventListener("click", () => {
  language = nextLanguage();
  applyLanguage();
});

function start() {
  const zones = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
  for (const zone of zones) {
    const option = document.createElement("option");
    option.value = zone;
    byId("zones").append(option);
  }
  byId("zone").value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const code = location.hash.match(/code=([\w-]+)/);
  if (code) {
    byId("code").value = code[1];
    history.replaceState(null, "", "/"); // not to be kept in the history
  }
  showStep("code");
  if (session && !code) refreshState().then(() => showStep("about"), showError);
}

start();
