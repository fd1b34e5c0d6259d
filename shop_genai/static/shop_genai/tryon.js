// The try-on of {% genai_tryon %}: consent, a photo from a file or the camera, progress, before and after, deletion.
// Words come translated from the page, warnings and refusals from the server. Announces genai:tryon:open, :done, :refused
// and :deleted as events of the widget's element.
"use strict";
{
  const EVERY = 1000; // milliseconds between two questions about a running job
  const AFTER_TROUBLE = 5000;
  const OVER = new Set(["succeeded", "failed", "dead", "cancelled", "expired"]);
  const NEVER = new Set(["no_person", "multiple_people", "not_front_facing", "torso_cut_off", "image_too_small"]);

  const { Camera, Refusal, askerOf, drawFile, form } = window.genaiTryon;

  const setUp = (root) => {
    const part = (name) => root.querySelector(`[data-genai-${name}]`);
    const words = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    const dialog = root.querySelector("dialog");
    const [status, refusal, preview, progress] = ["status", "refusal", "preview", "progress"].map(part);
    const [canvas, image, agree, file, count] = ["canvas", "photo", "agree", "file", "count"].map(part);
    const camera = new Camera(part("video"));
    const ask = askerOf(root, words.lost);
    const steps = [...root.querySelectorAll("[data-genai-step]")];
    let known = null; // what the server said when the dialog was opened
    let photo = null; // the photo that the server keeps; null while the canvas holds one that was not sent yet
    let replaced = null; // the one that goes when the canvas is sent
    let tryon = null; // the one that is being made or shown
    let timer = 0;

    // Words -----------------------------------------------------------------------------------------------------

    const say = (text) => {
      if (status.textContent !== text) status.textContent = text;
    };

    // In the page's language, the way the reader's own country writes it.
    const until = (time) => {
      const local = navigator.languages.find((language) => language.split("-")[0] === root.lang.split("-")[0]);
      return new Date(time).toLocaleString(local ?? root.lang, { dateStyle: "medium", timeStyle: "short" });
    };

    const announce = (name, detail) =>
      root.dispatchEvent(new CustomEvent(`genai:tryon:${name}`, { bubbles: true, detail }));

    const show = (name) => {
      if (name !== "camera") camera.stop();
      for (const step of steps) step.hidden = step.dataset.genaiStep !== name;
      preview.hidden = !["ready", "work"].includes(name);
      part("rights").hidden = !known?.consent.given_at || ["wait", "camera", "gone"].includes(name);
      dialog.scrollTop = 0;
      if (dialog.open) steps.find((step) => !step.hidden).querySelector("h3").focus({ preventScroll: true });
    };

    const forgive = () => {
      refusal.hidden = true;
    };

    const refuse = (problem) => {
      say("");
      refusal.hidden = false;
      part("message").textContent = problem.message;
      part("advice").textContent = problem.advice || "";
      if (problem.code) announce("refused", { code: problem.code, product: root.dataset.genaiProduct });
    };

    // Agreement -------------------------------------------------------------------------------------------------

    // One thing at a time: the buttons rest meanwhile, and what goes wrong is said.
    const during = (work, otherwise) => async (event) => {
      if (root.hasAttribute("data-genai-busy")) return;
      root.setAttribute("data-genai-busy", "");
      forgive();
      try {
        await work(event);
      } catch (problem) {
        if (!(problem instanceof Refusal)) throw problem;
        if (problem.code === "consent_missing") show("consent");
        else if (otherwise) show(otherwise);
        refuse(problem);
      } finally {
        root.removeAttribute("data-genai-busy");
      }
    };

    const meet = async () => {
      show("wait");
      known = await ask("GET", "");
      if (!known.consent.given_at) {
        part("consent-text").textContent = known.consent.text;
        agree.checked = false;
        show("consent");
      } else if (known.photos.length) {
        keep(known.photos[0]);
        show("ready");
      } else {
        show("choose");
      }
    };

    const consent = async () => {
      if (!agree.checked) {
        agree.focus();
        throw new Refusal({ message: words.agree });
      }
      await ask("POST", "consent/", { version: known.consent.version });
      await meet();
    };

    const withdraw = async () => {
      await ask("DELETE", "consent/");
      clearTimeout(timer);
      [photo, replaced, tryon] = [null, null, null];
      blank();
      announce("deleted", { everything: true });
      await meet();
      say(words.withdrawn);
    };

    const discard = async () => {
      if (photo) await ask("DELETE", `photos/${photo.id}/`);
      clearTimeout(timer);
      [photo, replaced, tryon] = [null, null, null];
      blank();
    };

    // The photo ---------------------------------------------------------------------------------------------------

    const keep = (kept) => {
      photo = kept;
      image.src = kept.url;
      [image.hidden, canvas.hidden] = [false, true];
      part("kept").textContent = words.kept.replace("%s", until(kept.expires_at));
      part("ready-delete").hidden = false;
    };

    const drawn = () => {
      [replaced, photo] = [photo ?? replaced, null];
      [image.hidden, canvas.hidden] = [true, false];
      part("kept").textContent = words.unsent;
      part("ready-delete").hidden = true;
      say("");
      show("ready");
    };

    // Nothing of a deleted photo stays on the screen or in memory.
    const blank = () => {
      canvas.width = canvas.height = 0;
      for (const shown of [image, part("after"), part("before")]) shown.removeAttribute("src");
      part("save").removeAttribute("href");
    };

    const choose = async () => {
      const [chosen] = file.files;
      file.value = ""; // the same file may be chosen again
      if (!chosen) return;
      await drawFile(canvas, chosen).catch(() => {
        throw new Refusal({ message: words.unreadable });
      });
      drawn();
    };

    const startCamera = async () => {
      say("");
      await camera.start().catch(() => {
        throw new Refusal({ message: words.camera });
      });
      show("camera");
    };

    const shoot = async (event) => {
      const tell = (left) => {
        [count.hidden, count.textContent] = [false, left];
        say(words.seconds.replace("%s", left));
      };
      const taken = await camera.shoot(canvas, Number(event.currentTarget.dataset.genaiShoot), tell);
      count.hidden = true;
      if (taken) drawn();
    };

    // The picture -------------------------------------------------------------------------------------------------

    const send = async () => {
      keep(await ask("POST", "photos/", await form(canvas)));
      if (replaced) await ask("DELETE", `photos/${replaced.id}/`).catch(() => {}); // else it expires
      replaced = null;
    };

    const go = async () => {
      say(words.sending);
      progress.removeAttribute("value");
      part("cancel").hidden = true;
      show("work");
      if (!photo) await send();
      tryon = await ask("POST", "", {
        photo: photo.id,
        [root.dataset.genaiProduct.includes(":") ? "product" : "garment"]: root.dataset.genaiProduct,
        category: root.dataset.genaiCategory,
        tuck: part("tuck")?.value ?? "auto",
        outer: part("outer").value,
      });
      part("cancel").hidden = false;
      await follow();
    };

    const follow = async () => {
      clearTimeout(timer);
      const { id } = tryon;
      if (OVER.has(tryon.status)) return await finish();
      if (tryon.status === "running") progress.value = tryon.progress;
      say(tryon.status === "running" ? words.working : words.queued.replace("%s", tryon.queue_position ?? "–"));
      timer = setTimeout(async () => {
        if (!dialog.open || document.hidden) return; // goes on when somebody looks again
        try {
          const answer = await ask("GET", `${id}/`);
          if (tryon?.id !== id) return;
          tryon = answer;
          forgive();
        } catch (problem) {
          if (tryon?.id !== id) return;
          if (problem.code === "not_found") return failed(problem);
          refuse(problem);
          timer = setTimeout(() => tryon?.id === id && follow(), AFTER_TROUBLE);
          return;
        }
        await follow();
      }, EVERY);
    };

    const finish = async () => {
      if (tryon.status !== "succeeded") return await failed(new Refusal(tryon.error ?? { message: words.failed }));
      const { result } = tryon;
      const [after, before] = [part("after"), part("before")];
      [after.src, before.src] = [result.url, result.before_url ?? photo.url];
      await Promise.allSettled([after.decode(), before.decode()]);
      part("range").value = "0"; // first the whole new picture
      part("range").dispatchEvent(new Event("input"));
      const list = part("warnings");
      list.replaceChildren(...result.warnings.map((warning) => {
        const entry = document.createElement("li");
        entry.textContent = warning.message;
        return entry;
      }));
      list.hidden = !result.warnings.length;
      part("save").href = result.url;
      forgive();
      say(words.done);
      show("result");
      announce("done", { id: tryon.id, product: root.dataset.genaiProduct, ...result });
    };

    // A photo that no garment can be put on is of no use to anybody: it goes at once.
    const failed = async (problem) => {
      const never = NEVER.has(problem.code);
      tryon = null;
      if (never) await discard().catch(() => {});
      show(never ? "choose" : "ready");
      refuse(problem);
      if (never) say(words.gone);
    };

    const cancel = async () => {
      const { id } = tryon;
      clearTimeout(timer);
      tryon = null;
      await ask("DELETE", `${id}/`);
      show("ready");
      say(words.cancelled);
    };

    // What was going on when the dialog was closed goes on.
    const resume = async () => {
      if (tryon) tryon = await ask("GET", `${tryon.id}/`).catch(() => null); // with fresh links
      if (tryon) await follow();
      else await meet();
    };

    const on = (name, work, otherwise) => {
      for (const button of root.querySelectorAll(`[data-genai-${name}]`))
        button.addEventListener("click", during(work, otherwise));
    };

    part("open").addEventListener("click", () => {
      dialog.showModal();
      announce("open", { product: root.dataset.genaiProduct });
    });
    on("open", resume, "gone");
    on("retry", meet, "gone");
    on("consent", consent);
    on("withdraw", withdraw);
    on("camera", startCamera);
    on("shoot", shoot);
    on("other", async () => { say(""); show("choose"); });
    on("again", async () => { say(""); show("ready"); });
    on("go", go, "ready");
    on("cancel", cancel, "ready");
    on("delete", async () => {
      await discard();
      show("choose");
      say(words.deleted);
      announce("deleted", { everything: false });
    });
    file.addEventListener("change", during(choose));
    part("close").addEventListener("click", () => dialog.close());
    part("back").addEventListener("click", () => show("choose")); // also while it counts
    dialog.addEventListener("close", () => camera.stop());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && dialog.open && tryon && !OVER.has(tryon.status)) follow();
    });
    part("camera").hidden = !Camera.offered;
    root.hidden = false;
  };

  for (const root of document.querySelectorAll("[data-genai-tryon]")) setUp(root);
}
