"""A headless Chromium, driven over the WebDriver protocol that chromedriver speaks."""

import json
import shutil
import subprocess
import time
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

# Runs of tests are often those of root, in a container with little shared memory.
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
ARGUMENTS += ["--hide-scrollbars", "--window-size=1200,750"]


def is_there():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


@dataclass
class Browser:
    """An open browser; `address` is that of its session."""

    address: str

    def ask(self, command, **body):
        return post(f"{self.address}/{command}", body)

    def run(self, script):
        """Run JavaScript, and return what it returns."""
        return self.ask("execute/sync", script=script, args=[])

    def wait_for(self, script):
        """Wait until JavaScript returns something that is true, and return it."""
        end = time.monotonic() + 30
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"{script}\n{self.run(TEXT)}"
            time.sleep(0.1)
        return found

    def text_in_frame(self, frame, selector):
        """Return the text of an element of a page within the page."""
        found = self.ask("element", using="css selector", value=frame)
        self.ask("frame", id=found)
        text = self.run(f"return document.querySelector({selector!r}).innerText")
        self.ask("frame", id=None)
        return text

    def open(self, page):
        """Open a page, or open it again."""
        # With another fragment alone, it would not be loaded again.
        self.ask("url", url="about:blank")
        self.ask("url", url=page.as_uri())

    def wait_until_done(self, promise):
        """Wait for a promise, given as JavaScript, and return what it comes to."""
        script = f"({promise}).then(arguments[0], error => arguments[0](`${{error}}`))"
        return self.ask("execute/async", script=script, args=[])

    def errors(self):
        """List what the console says of errors since it was asked last."""
        entries = self.ask("se/log", type="browser")
        return [entry for entry in entries if entry["level"] == "SEVERE"]

    def messages(self):
        """List all that the console says since it was asked last."""
        return self.ask("se/log", type="browser")

    def devtools(self, command, **parameters):
        """Give a command of the Chrome DevTools Protocol."""
        return self.ask("goog/cdp/execute", cmd=command, params=parameters)

    def look_like(self, width, height=800, scheme="light", media="screen"):
        """Take a size, in pixels, and what the user prefers: light or dark."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.devtools(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def press(self, key):
        """Press a key, such as ArrowLeft, where the focus is."""
        for kind in ("keyDown", "keyUp"):
            self.devtools("Input.dispatchKeyEvent", type=kind, **KEYS[key])

    def whole_screenshot(self):
        """Take a picture of the whole page, however long."""
        taken = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        return b64decode(taken["data"])

    def screenshot(self):
        with urlopen(f"{self.address}/screenshot", timeout=60) as answer:
            return b64decode(json.load(answer)["value"])


KEYS = {
    name: {"key": name, "code": name, "windowsVirtualKeyCode": code}
    for name, code in (("ArrowLeft", 37), ("ArrowRight", 39), ("Escape", 27))
}

TEXT = "return document.body.innerText"


def post(address, body):
    request = Request(address, json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


@contextmanager
def opened(page):
    """Open a page in a new browser."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        said = next(line for line in driver.stdout if "successfully on port" in line)
        port = said.rstrip(".\n").rsplit(maxsplit=1)[1]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": ARGUMENTS,
                "binary": shutil.which("chromium"),
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        sessions = f"http://127.0.0.1:{port}/session"
        session = post(sessions, {"capabilities": {"alwaysMatch": wanted}})
        browser = Browser(f"{sessions}/{session['sessionId']}")
        browser.ask("url", url=page.as_uri())
        yield browser
        urlopen(Request(browser.address, method="DELETE"), timeout=60).close()
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()
