#!/usr/bin/env python3
"""A page that is open while a render replaces its canvas, in headless Chromium: from a host that takes its time, the
viewer's place stays, no frame lacks a tile, and nothing fails to load.

Usage: test_web_live.py [FOLDER], where screenshots are left in FOLDER to be looked at"""
import functools
import http.server
import os
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from pages import check, Image, levels_of, need_leaflet, photo, web  # noqa: E402
from test_web_browser import find_programs, Page, start_browser  # noqa: E402

SIZES = (900, 1200), (1070, 1430), (1280, 1700)  # of two octaves and of the picture
# In each frame: how many of the tiles on top are not there to be seen. Leaflet shows a few only when they have faded in.
WATCH = """
window.frames_seen = 0; window.frames_torn = [];
(function look() {
  var map = window.gigadreamMap, tiles = Object.values(map._layers).flatMap(layer => Object.values(layer._tiles || {}));
  var bad = tiles.filter(tile => tile.current && !(tile.el.complete && tile.el.naturalWidth == 256 && tile.el.style.opacity == 1));
  window.frames_seen++;
  if (tiles.length == 0 || bad.length > 0) { window.frames_torn.push(bad.length); }
  window.watching = requestAnimationFrame(look);
}());
"""


class Slow(http.server.SimpleHTTPRequestHandler):
    missing = []

    def log_message(self, *_):
        pass

    def send_error(self, code, *rest, **named):
        self.missing.append(self.path)
        super().send_error(code, *rest, **named)

    def do_GET(self):
        if self.path.endswith(".jpg"):
            time.sleep(0.3)
        super().do_GET()


def tell(step):
    """picture.js as after so many octaves, the picture at the end."""
    rows, cols = SIZES[step]
    live = f', "live": {{"octaves": 3, "done": {step + 1}}}' if step < 2 else ""
    levels = len(levels_of(photo(rows, cols)))
    text = (f'gigadream({{"rows": {rows}, "cols": {cols}, "levels": {levels}, "shard": 1000, "dpi": [0, 0], '
            f'"input": {"false" if live else "true"}, "made": false{live}}});\n')
    with open("page/picture.part", "w", encoding="ascii") as file:
        file.write(text)
    os.rename("page/picture.part", "page/picture.js")


def make():
    for step, size in enumerate(SIZES):
        Image.fromarray(photo(*size)).save(f"{step}.png")
        web(f"{step}.png", f"{step}", *([f"{step}.png"] if step == 2 else []))
    os.rename("2", "page")
    os.mkdir("page/live")
    for step in (0, 1):
        shutil.move(f"{step}/dream", f"page/live/{step + 1}")


def seen(page, step):
    """What is in the middle of the screen, as a share of the picture; and pixels of the screen for its width."""
    rows, cols = SIZES[step]
    y, x = page.ask("(p => [p.lat, p.lng])(map.getCenter())")
    return y / rows, x / cols, page.ask("map.project([0, arguments[0]]).x", cols)


def replaced(page, step):
    """The next canvas appears where the one before was."""
    before = seen(page, step - 1)
    page.driver.execute_script(WATCH)
    tell(step)
    page.do("var script = document.createElement('script'); script.src = 'picture.js?now'; document.head.append(script)")
    page.wait(f"document.title.includes('{SIZES[step][1]} x')", "the next canvas")
    page.settle()
    torn = page.ask("[window.frames_seen, window.frames_torn]")
    page.do("cancelAnimationFrame(window.watching)")
    after = seen(page, step)
    print(f"step {step}: {torn[0]} frames, {len(torn[1])} without all tiles; {before} {after}")
    check(torn[0] > 10 and torn[1] == [], "frames without all tiles", torn)
    check(all(abs(a - b) * width < 1.5 for a, b, width in zip(before, after, (before[2], before[2], 1))), before, after)
    check(page.ask("document.querySelectorAll('.map').length") == 1, "maps are left over")


def main():
    need_leaflet()
    find_programs()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make()
        tell(0)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Slow, directory="page"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        driver = start_browser(os.path.join(folder, "profile"))
        try:
            page = Page(driver, f"http://127.0.0.1:{server.server_port}")
            page.open()
            page.do("map.setView([arguments[0], arguments[1]], arguments[2], {animate: false})", 300, 800, 2.3)
            page.settle()
            for step in (1, 2):
                replaced(page, step)
                page.screen(f"live_{step}")
            check(not driver.find_element("id", "live").is_displayed() and driver.find_element("id", "slider").is_displayed(),
                  "the picture at the end has its slider")
            check(page.console() == [] and Slow.missing == [], page.console(), Slow.missing)
        finally:
            driver.quit()
            server.shutdown()
        os.chdir("/")


if __name__ == "__main__":
    main()
