#!/usr/bin/env python3
"""A folder of gigadream web in headless Chromium, from file:// and over http: what the screen shows at three zooms are
the picture's pixels; mouse, keys, slider, address; a telephone's width and a desk's; no error on the console.

Usage: test_browser.py [FOLDER], where screenshots are left in FOLDER to be looked at"""
import functools
import http.server
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from pages import check, Image, levels_of, need_leaflet, np, photo, PROGRAM, skip, web  # noqa: E402

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError as missing:
    skip(f"{missing}; scripts/setup.sh --browser installs it")

MEAN = 2     # levels of 255 that JPEG of quality 90 may lose in the mean
PATIENCE = 60
ROWS, COLS = 1500, 2000
TOP = 3      # the level of the whole picture
KEEP = sys.argv[1] if len(sys.argv) > 1 else None


def find_programs():
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        skip("Chromium or its driver is missing; scripts/setup.sh --browser installs them")
    return browser, driver


def start_browser(profile):
    browser, driver = find_programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--force-color-profile=srgb", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(driver), options=options)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


class Page:
    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def ask(self, script, *values):
        return self.driver.execute_script("var map = window.gigadreamMap; return " + script, *values)

    def do(self, script, *values):
        self.driver.execute_script("var map = window.gigadreamMap; " + script, *values)

    def wait(self, script, what):
        end = time.monotonic() + PATIENCE
        while not self.ask(script):
            check(time.monotonic() < end, f"{what}: not within {PATIENCE} s", self.console())
            time.sleep(0.05)

    def settle(self):
        """Until nothing moves or loads, and all tiles of this place have faded in. Leaflet may leave others below them,
        half faded, until it next has tiles to load."""
        self.wait("map && !map._animatingZoom && !(map._panAnim && map._panAnim._inProgress) && !map.dragging.moving() &&"
                  " (tiles => tiles.length > 0 && tiles.every(t => t.complete && t.naturalWidth == 256 &&"
                  " getComputedStyle(t).opacity == 1))(Object.values(map._layers)"
                  ".flatMap(layer => Object.values(layer._tiles || {})).filter(tile => tile.current).map(tile => tile.el))",
                  "tiles")

    def open(self, place="", width=1000, height=800):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}/index.html{place}")
        self.settle()

    def place(self):
        return self.ask("[map.getZoom(), map.getCenter().lat, map.getCenter().lng]")

    def screen(self, name):
        png = self.driver.get_screenshot_as_png()
        if KEEP:
            with open(os.path.join(KEEP, f"{name}.png"), "wb") as file:
                file.write(png)
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)

    def console(self):
        return [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def controls(self, shown):
        """Takes what lies over the picture away, to look at its pixels."""
        self.do("document.querySelectorAll('.leaflet-control-container, #compare').forEach("
                 "part => { part.style.visibility = arguments[0]; })", "visible" if shown else "hidden")

    def difference(self, name, level, z, left=0, right=None):
        """Mean difference of the screen's columns from left to right from a level of a picture."""
        self.controls(False)
        screen = self.screen(name)
        self.controls(True)
        x, y = (round(v) for v in self.ask("(p => [p.x, p.y])(map.latLngToContainerPoint([0, 0]))"))
        check(self.ask("map.getZoom()") == z, f"{name}: zoom")
        height, width = screen.shape[:2]
        right = width if right is None else right
        rows, cols = slice(max(0, y), min(height, y + level.shape[0])), slice(max(left, x), min(right, x + level.shape[1]))
        seen = screen[rows, cols]
        wanted = level[rows.start - y:rows.stop - y, cols.start - x:cols.stop - x]
        check(seen.size > 100, f"{name}: nothing to see", x, y)
        error = np.abs(seen - wanted)
        print(f"{name}: mean error {error.mean():.2f}, the largest {error.max()}, of {seen.shape[1]} x {seen.shape[0]} pixels")
        check(error.mean() <= MEAN, f"{name}: mean error {error.mean()}")


def zooms(page, dream, name):
    page.open()
    page.do("(s => { s.value = 0; s.dispatchEvent(new Event('input')); })(document.getElementById('slider'))")
    for z, y, x in ((0, 750, 1000), (2, 700, 1100), (TOP, 500, 700)):
        page.do("map.setView([arguments[0], arguments[1]], arguments[2], {animate: false})", y, x, z)
        page.settle()
        page.difference(f"{name}_zoom{z}", levels_of(dream)[z], z)


def moves(page, name):
    """Mouse and keys; the address follows, and brings one back."""
    page.open("#2/600/900")
    check(page.place() == [2, 600, 900], "the place in the address", page.place())
    canvas = page.driver.find_element(By.ID, "map")
    drag = ActionChains(page.driver, duration=20).move_to_element(canvas).click_and_hold()
    for _ in range(12):
        drag.move_by_offset(-10, -5)
    drag.pause(0.5).release().perform()
    page.settle()
    zoom, y, x = page.place()
    # 60 and 120 pixels of the screen, of two of the picture each; Leaflet may let the first move or two pass.
    check(zoom == 2 and 690 <= y <= 720 and 1080 <= x <= 1140, "dragged", page.place())
    canvas.send_keys(Keys.ADD)
    page.wait("map.getZoom() == 3", "plus zooms")
    page.settle()
    canvas.send_keys(Keys.ARROW_RIGHT)
    page.wait(f"map.getCenter().lng > {x + 20}", "the arrow moves")
    page.settle()
    before, hashed = page.place(), page.ask("location.hash")
    check(hashed.startswith("#3/"), "the address", hashed)
    page.driver.refresh()
    page.settle()
    after = page.place()
    check(after[0] == before[0] and abs(after[1] - before[1]) <= 1 and abs(after[2] - before[2]) <= 1, before, after)
    check(page.driver.find_element(By.CLASS_NAME, "page-scale").text.split()[1] in ("cm", "mm"), "the scale")
    page.do("location.hash = '#1/100/200'")
    page.wait("map.getZoom() == 1", "an address typed in")
    page.settle()
    page.driver.find_element(By.ID, "map").send_keys("f")
    page.wait("document.fullscreenElement != null", "full screen")
    page.driver.find_element(By.ID, "map").send_keys("f")
    page.wait("document.fullscreenElement == null", "no full screen")
    print(f"{name}: mouse, keys and address")


def slider(page, dream, original, name):
    page.open("#2/700/1000")
    page.settle()
    handle = page.driver.find_element(By.ID, "slider")
    width = page.ask("window.innerWidth")
    ActionChains(page.driver).move_to_element(handle).click_and_hold().move_by_offset(-width // 4, 0).release().perform()
    page.wait("document.getElementById('slider').value < 40", "the slider moves")
    page.do("document.getElementById('slider').focus()")
    value = page.ask("document.getElementById('slider').value")
    handle.send_keys(Keys.ARROW_RIGHT)
    page.wait(f"Math.abs(document.getElementById('slider').value - {value} - 1) < 0.01", "a key moves the slider by a hundredth")
    handle.send_keys(Keys.ARROW_LEFT)
    line = round(float(page.ask("parseFloat(document.getElementById('line').style.left)")))
    check(abs(line - width / 4) < 30, "the line follows", line)
    page.settle()
    page.screen(f"{name}_slider")
    page.difference(f"{name}_dream", levels_of(dream)[2], 2, left=line + 2)
    page.difference(f"{name}_input", levels_of(original)[2], 2, right=line - 2)


def made(page, name):
    """The page that tells how the picture was made, and back."""
    page.open()
    page.driver.find_element(By.CLASS_NAME, "page-made").click()
    page.wait("document.getElementById('command') != null", "the page of the command")
    page.driver.find_element(By.ID, "copy").click()
    page.wait("getSelection().toString().startsWith('gigadream -img photo.jpg')", "the command is selected")
    check(page.ask("document.querySelector('svg').getBoundingClientRect().width > 500"), "the history's picture")
    page.screen(f"{name}_made")
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                {"width": 375, "height": 667, "deviceScaleFactor": 1, "mobile": True})
    check(page.ask("document.documentElement.scrollWidth") == 375, "375 px: the page of the command scrolls")
    page.screen(f"{name}_made375")
    page.driver.find_element(By.LINK_TEXT, "The picture").click()
    page.settle()


def follows(driver, folder):
    """While a render runs, the page shows its canvas after each octave, and at the end the picture with its input."""
    command = [PROGRAM, "-img", "input.png", "-img_max_dim", "800", "-img_out", "grown.png", "-or", "-2", "1", "-os", "1",
               "-ml", "mixed0", "--web", "grown", "--quiet"]
    page = Page(driver, "file://" + os.path.join(folder, "grown"))
    with subprocess.Popen(command) as render:
        try:
            hold(render)
            page.open()
            line = driver.find_element(By.ID, "live")
            check(line.is_displayed() and re.match("Octave [12] of 3, ", line.text), line.text)
            page.wait("document.querySelector('.leaflet-tile').src.includes('live/')", "tiles of an octave")
            page.screen("live_first")
            at = page.ask("map.latLngToContainerPoint(map.options.maxBounds.getCenter()).x")
            os.kill(render.pid, signal.SIGCONT)
            check(render.wait(PATIENCE) == 0, "the render failed")
        finally:
            if render.poll() is None:
                render.kill()
    page.wait("!document.getElementById('compare').hidden", "the picture at the end")
    page.settle()
    check(not line.is_displayed(), "the line of the render stays")
    check(abs(page.ask("map.latLngToContainerPoint(map.options.maxBounds.getCenter()).x") - at) < 2, "the place moved")
    page.screen("live_last")
    with Image.open("grown.png") as image:
        level = levels_of(np.asarray(image.convert("RGB")))
    page.do("(s => { s.value = 0; s.dispatchEvent(new Event('input')); })(document.getElementById('slider'))")
    page.do("map.setView([300, 400], 2, {animate: false})")
    page.settle()
    page.difference("live_picture", level[2], 2)


def hold(render):
    """Stops the render when its page tells of an octave."""
    end = time.monotonic() + PATIENCE
    while render.poll() is None and time.monotonic() < end:
        try:
            with open("grown/picture.js", encoding="ascii") as file:
                told = file.read()
        except FileNotFoundError:
            told = ""
        if '"live"' in told and '"done": 0' not in told:
            os.kill(render.pid, signal.SIGSTOP)
            return
        time.sleep(0.002)
    check(False, "the render did not show an octave", render.poll())


def widths(page, name):
    for width, height in ((375, 667), (1920, 1080)):
        page.open(width=width, height=height)
        check(page.ask("[window.innerWidth, document.documentElement.scrollWidth]") == [width, width], f"{width} px: scrolls")
        check(page.ask("map.getBounds().contains([[0, 0], [arguments[0], arguments[1]]])", ROWS, COLS), f"{width} px: whole")
        page.screen(f"{name}_{width}")


def seams(driver, folder):
    """At a zoom between two levels nothing shines through between tiles: a picture of one colour above another."""
    colour = (30, 60, 200)
    for name, flat in (("flat.png", colour), ("other.png", (255, 250, 200))):
        Image.new("RGB", (COLS, ROWS), flat).save(name)
    web("flat.png", "flat", "other.png")
    page = Page(driver, "file://" + os.path.join(folder, "flat"))
    page.open(width=1920, height=1080)
    check(page.ask("map.getZoom() % 1 !== 0"), "the whole picture is between two zooms")
    page.do("(s => { s.value = 0; s.dispatchEvent(new Event('input')); })(document.getElementById('slider'))")
    page.settle()
    page.controls(False)
    left, top, right, bottom = page.ask("((a, b) => [a.x, a.y, b.x, b.y])"
                                        "(map.latLngToContainerPoint([0, 0]), map.latLngToContainerPoint([arguments[0], arguments[1]]))",
                                        ROWS, COLS)
    error = np.abs(page.screen("seams")[int(top) + 2:int(bottom) - 2, int(left) + 2:int(right) - 2] - colour)
    check(error.max() <= 4, "other colours than that of the picture", error.max())


def main():
    need_leaflet()
    find_programs()
    dream = photo(ROWS, COLS)
    original = 255 - dream
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Image.fromarray(dream).save("dream.tif", dpi=(300, 300))
        Image.fromarray(original).save("input.png")
        with open("run.jsonl", "w", encoding="ascii") as log:
            log.write(json.dumps({"rows": ROWS, "cols": COLS, "ranks": 1, "img": "input.png", "or": [0, 1]}) + "\n")
        web("dream.tif", "page", "input.png", "--log", "run.jsonl")
        server, address = serve(os.path.abspath("page"))
        driver = start_browser(os.path.join(folder, "profile"))
        try:
            for name, where in (("file", "file://" + os.path.abspath("page")), ("http", address)):
                page = Page(driver, where)
                zooms(page, dream, name)
                moves(page, name)
                slider(page, dream, original, name)
                made(page, name)
                widths(page, name)
                said = page.console()
                check(not said, f"{name}: the console has errors", *said)
            seams(driver, folder)
            follows(driver, folder)
            said = page.console()
            check(not said, "the console has errors while a render runs", *said)
        finally:
            driver.quit()
            server.shutdown()
        os.chdir("/")


if __name__ == "__main__":
    main()
