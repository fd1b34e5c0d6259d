// Photos in the browser, for tryon.js: drawn from a file or the camera, made smaller, freed of metadata, sent as JPEG.
"use strict";
{
  const LONGEST = 2048; // pixels; a larger photo is made smaller before it is sent
  const QUALITY = 0.92;
  const CAMERA = { video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } }, audio: false };

  const draw = (canvas, source, width, height) => {
    const factor = Math.min(1, LONGEST / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.round(width * factor), Math.round(height * factor)];
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = "#fff"; // behind pictures with see-through parts
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  };

  // Draws a file upright; fails with the browser's error for what is no picture.
  const drawFile = async (canvas, file) => {
    const bitmap = await createImageBitmap(file);
    draw(canvas, bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  };

  // A canvas holds pixels only: neither the place nor the time of the photo leaves the browser.
  const form = async (canvas) => {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    const body = new FormData();
    body.append("file", blob, "photo.jpg");
    return body;
  };

  class Camera {
    constructor(video) {
      this.video = video;
      this.stream = null;
    }

    // Browsers offer a camera to pages over TLS only, and on localhost.
    static get offered() {
      return Boolean(navigator.mediaDevices?.getUserMedia);
    }

    async start() {
      this.stop();
      this.stream = this.video.srcObject = await navigator.mediaDevices.getUserMedia(CAMERA);
    }

    stop() {
      for (const track of this.stream?.getTracks() ?? []) track.stop();
      this.stream = this.video.srcObject = null;
    }

    // Counts down, then draws what it sees. False if it was stopped meanwhile.
    async shoot(canvas, seconds, tell) {
      const { stream, video } = this;
      for (let left = seconds; left && this.stream === stream; left -= 1) {
        tell(left);
        await new Promise((wake) => setTimeout(wake, 1000));
      }
      if (!stream || this.stream !== stream || !video.videoWidth) return false;
      draw(canvas, video, video.videoWidth, video.videoHeight);
      return true;
    }
  }

  window.genaiTryon = { ...window.genaiTryon, Camera, drawFile, form };
}
