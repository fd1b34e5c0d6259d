// Before and after in one frame: a line to move with mouse, finger or keyboard, and zoom down to single pixels.
"use strict";
{
  const setUp = (figure) => {
    const view = figure.querySelector("[data-genai-view]");
    const stage = figure.querySelector("[data-genai-stage]");
    const range = figure.querySelector("[data-genai-range]");
    const zooms = [...figure.querySelectorAll("[data-genai-zoom]")];
    let zoom = "fit";

    const move = (percent) => {
      const at = Math.min(100, Math.max(0, percent));
      range.value = String(Math.round(at));
      range.setAttribute("aria-valuetext", figure.dataset.genaiPosition.replace("%s", range.value));
      stage.style.setProperty("--genai-at", `${at}%`);
      figure.classList.toggle("genai-compare--all-before", at >= 100);
      figure.classList.toggle("genai-compare--all-after", at <= 0);
    };

    // 1:1 means one pixel of the result on one pixel of the screen, so the width in CSS pixels depends on the screen.
    const setZoom = (next) => {
      const middle = [
        (view.scrollLeft + view.clientWidth / 2) / stage.offsetWidth,
        (view.scrollTop + view.clientHeight / 2) / stage.offsetHeight,
      ];
      zoom = next;
      const factor = next === "fit" ? 0 : Number(next) / window.devicePixelRatio;
      stage.style.width = factor ? `${Number(stage.dataset.genaiWidth) * factor}px` : "";
      figure.classList.toggle("genai-compare--zoomed", factor > 0);
      for (const button of zooms) button.setAttribute("aria-pressed", String(button.dataset.genaiZoom === next));
      view.scrollTo(
        middle[0] * stage.offsetWidth - view.clientWidth / 2,
        middle[1] * stage.offsetHeight - view.clientHeight / 2,
      );
    };

    const pointed = (event) => {
      const box = stage.getBoundingClientRect();
      move(((event.clientX - box.left) / box.width) * 100);
    };

    range.addEventListener("input", () => move(Number(range.value)));
    // Enlarged, a finger or wheel scrolls the picture; the mouse still moves the line.
    view.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || (zoom !== "fit" && event.pointerType !== "mouse")) return;
      view.setPointerCapture(event.pointerId);
      pointed(event);
    });
    view.addEventListener("pointermove", (event) => {
      if (view.hasPointerCapture(event.pointerId)) pointed(event);
    });
    for (const button of zooms) {
      button.addEventListener("click", () => {
        const same = button.dataset.genaiZoom === zoom;
        setZoom(same ? "fit" : button.dataset.genaiZoom);
      });
    }
    move(50);
  };

  for (const figure of document.querySelectorAll("[data-genai-compare]")) setUp(figure);
}
