"""hockney report as a reader opens it: one file in headless Chromium, with nothing else to be had."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import h5py

try:
    from selenium import webdriver
    from selenium.common.exceptions import TimeoutException
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None

BIN = pathlib.Path(os.environ["HOCKNEY_BIN"])
CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WHY_NOT = next((f"{what} is not installed (Debian: {package})" for what, package, there in (
    ("chromium", "chromium", CHROMIUM), ("chromedriver", "chromium-driver", DRIVER),
    ("selenium", "python3-selenium", webdriver)) if not there), "")
HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
MOST_BYTES = 1_000_000


def run(program, *arguments):
    result = subprocess.run([BIN / program, *arguments], capture_output=True, text=True, timeout=240)
    if "no chart library" in result.stderr:
        raise unittest.SkipTest("this build has no chart library (Debian: libjs-dygraphs)")
    return result


def measure(folder, seed, *arguments):
    result = run("hockney-bench", "--transport", "scripted", "--seed", str(seed), "--launch-noise", "1%", "--out", folder,
                 *arguments)
    assert result.returncode == 0, result.stderr


def rename_hosts(folder, name):
    """Writes hosts, GPUs, machine and campaign of every launch of a campaign anew, as another program could have."""
    for file in folder.glob("*.h5"):
        with h5py.File(file, "r+") as launch:
            for path in ("provenance/ranks/host", "provenance/ranks/gpu", "provenance/value"):
                launch[path][...] = [name + (value.decode() if path.endswith("value") else "") for value in launch[path]]
            for key in ("machine", "campaign", "producer"):
                launch.attrs.create(key, name.encode(), dtype=h5py.string_dtype("utf-8", len(name)))


def setUpModule():
    """Three campaigns and the report of them, in FOLDER."""
    global FOLDER, PAGE, MADE
    FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="hockney-report-"))
    unittest.addModuleCleanup(shutil.rmtree, FOLDER, ignore_errors=True)
    for name, seeds, beta in (("a", (1, 2), "180GB/s"), ("b", (3, 4), "160GB/s")):
        for seed in seeds:
            measure(FOLDER / name, seed, "--nodes", "2", "--beta", beta, "--plan", "dgx-short",
                    "--benchmark_filter=all_reduce|all_gather|ping_pong")
    measure(FOLDER / "scan", 5, "--nodes", "4", "--ranks-per-node", "2", "--scan", "--scan-spread", "1s", "--fault",
            "slow-node:1:10%")
    PAGE = FOLDER / "report.html"
    MADE = run("hockney", "report", FOLDER / "a", FOLDER / "b", FOLDER / "scan", "--platform", "dgx-a100", "--out", PAGE)


class Report(unittest.TestCase):
    def test_is_one_file_that_names_no_other(self):
        self.assertEqual(MADE.returncode, 0, MADE.stderr)
        text = PAGE.read_text()
        self.assertEqual(sorted(path.name for path in FOLDER.iterdir()), ["a", "b", "report.html", "scan"])
        self.assertFalse(re.search(r"""(src|href)=["']?(https?:|//)|@import|sourceMappingURL""", text))

    def test_every_section_is_there(self):
        text = PAGE.read_text()
        for section in ("curves", "load", "fabrics", "pairs", "samples", "comparison", "overhead", "topology", "provenance",
                        "caveats"):
            self.assertIn(f'<section id="{section}">', text)
        self.assertEqual(text.count('<div class="number">'), 5)
        self.assertIn("not healthy", text)
        self.assertIn("node-1", text)

    def test_a_prediction_for_a_gpu_that_nobody_named_says_so(self):
        self.assertFalse("GPU ASSUMED" in PAGE.read_text())
        page = FOLDER / "a" / "unnamed.html"
        self.addCleanup(page.unlink)
        result = run("hockney", "report", FOLDER / "a", "--out", page)
        self.assertEqual(result.returncode, 0, result.stderr)
        marks = {mark[:28] for mark in re.findall('<p class="mark">(.*?)</p>', page.read_text())}
        self.assertIn("GPU ASSUMED: a100-80g; which", marks)
        self.assertTrue("GPU ASSUMED: a: gpt3-175b" in page.read_text())

    def test_every_figure_is_marked_as_simulated(self):
        figures = re.findall(r"<figure.*?</figure>", PAGE.read_text(), re.S)
        self.assertGreater(len(figures), 8)
        for figure in figures:
            self.assertIn('<p class="mark">SIMULATED', figure)

    def test_a_report_of_a_hundred_curves_is_below_a_megabyte(self):
        names = ("many-a", "many-b")
        for seed, name in enumerate(names):
            measure(FOLDER / name, seed, "--machine", "dgx-a100", "--nodes", "4", "--plan", "dgx-short")
            self.addCleanup(shutil.rmtree, FOLDER / name)
        models = [json.loads(run("hockney", "fit", FOLDER / name, "--json").stdout) for name in names]
        self.assertGreaterEqual(sum(len(model["curves"]) for model in models), 100)
        page = FOLDER / "a" / "many.html"
        self.addCleanup(page.unlink)
        result = run("hockney", "report", *(FOLDER / name for name in names), "--out", page)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertLess(page.stat().st_size, MOST_BYTES)

    def test_published_figures_are_reported_with_their_share_of_the_line_rate(self):
        page = FOLDER / "a" / "reference.html"
        self.addCleanup(page.unlink)
        result = run("hockney", "report", "reference:dgx-a100", "reference:hgx-h100", "--out", page)
        self.assertEqual(result.returncode, 0, result.stderr)
        text = page.read_text()
        self.assertIn("ESTIMATED FROM LINE RATE", text)
        self.assertIn("% of the line rate of", text)

    def test_bad_input_is_one_line(self):
        for arguments in ([FOLDER / "none", "--out", PAGE], [FOLDER / "a", "--out", FOLDER / "x.pdf"],
                          [FOLDER / "a", "--out", FOLDER / "none" / "x.html"],
                          [FOLDER / "a", "--out", PAGE, "--platform", "dgx-a101"],
                          [FOLDER / "a", "--out", PAGE, "--model", "gpt3-175x"],
                          [FOLDER / "a", "--out", PAGE, "--gpus", "0"]):
            result = run("hockney", "report", *arguments)
            self.assertEqual(result.returncode, 2, (arguments, result.stderr))
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class InBrowser(unittest.TestCase):
    """The same file, opened."""

    @classmethod
    def setUpClass(cls):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1440,900"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(service=webdriver.chrome.service.Service(DRIVER), options=options)
        cls.addClassCleanup(cls.browser.quit)

    def open(self, page=None, width=1440, dark=False):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.browser.get_log("performance"), self.browser.get_log("browser")
        self.browser.get((page or PAGE).as_uri())

    def chart(self):
        chart = self.browser.find_element(By.CSS_SELECTOR, ".chart")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
        return chart

    def labels(self, chart):
        return [label.text for label in chart.find_elements(By.CSS_SELECTOR, ".dygraph-axis-label-x")]

    def pixels(self, chart):
        return self.browser.execute_script(
            "return [...arguments[0].querySelectorAll('canvas')].map(each => each.toDataURL()).join()", chart)

    def readout(self):
        return self.browser.find_element(By.CSS_SELECTOR, ".readout").text.strip()

    def test_nothing_is_fetched_and_the_console_is_silent(self):
        self.open()
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = {message["params"]["request"]["url"] for message in messages
                 if message["method"] == "Network.requestWillBeSent"}
        self.assertEqual({url for url in asked if not url.startswith("data:")}, {PAGE.as_uri()})
        self.assertEqual(self.browser.get_log("browser"), [])
        self.assertGreaterEqual(len(self.browser.find_elements(By.CSS_SELECTOR, ".chart canvas")), 6)

    def test_marks_lie_over_the_curves_and_ticks_can_be_told_apart(self):
        watch = "for (const name of ['fill', 'stroke', 'fillText']) { const of = CanvasRenderingContext2D.prototype; " \
                "const was = of[name]; of[name] = function(...all) { this.canvas.last = name; return was.apply(this, all); }; }"
        script = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})
        self.open()
        self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        last = self.browser.execute_script("return [...document.querySelectorAll('.chart')].map("
                                           "each => [...each.querySelectorAll('canvas')].map(it => it.last))")
        self.assertEqual({name for names in last for name in names if name}, {"fillText"})
        for chart in self.browser.find_elements(By.CSS_SELECTOR, ".chart"):
            ticks = [each.get_attribute("textContent")
                     for each in chart.find_elements(By.CSS_SELECTOR, ".dygraph-axis-label-y")]
            self.assertEqual(len(ticks), len(set(ticks)), ticks)

    def test_the_legend_hides_and_shows_a_curve(self):
        self.open()
        chart = self.chart()
        key = self.browser.find_element(By.CSS_SELECTOR, ".legend button")
        before = self.pixels(chart)
        key.click()
        self.assertEqual(key.get_attribute("aria-pressed"), "false")
        self.assertNotEqual(self.pixels(chart), before)
        key.click()
        self.assertEqual(key.get_attribute("aria-pressed"), "true")
        self.assertEqual(self.pixels(chart), before)

    def test_shift_shows_one_curve_alone(self):
        self.open()
        self.chart()
        key = self.browser.find_element(By.CSS_SELECTOR, ".legend button")
        ActionChains(self.browser).key_down(Keys.SHIFT).click(key).key_up(Keys.SHIFT).perform()
        keys = self.browser.find_element(By.CSS_SELECTOR, ".legend").find_elements(By.TAG_NAME, "button")
        self.assertEqual([each.get_attribute("aria-pressed") for each in keys], ["true"] + ["false"] * (len(keys) - 1))

    def test_dragging_zooms_all_panels_and_a_double_click_shows_all(self):
        self.open()
        chart = self.chart()
        second = self.browser.find_elements(By.CSS_SELECTOR, ".chart")[1]
        before = self.labels(chart), self.labels(second)
        ActionChains(self.browser).move_to_element_with_offset(chart, -40, 0).click_and_hold().move_by_offset(
            60, 2).release().perform()
        self.assertNotEqual(self.labels(chart), before[0])
        self.assertNotEqual(self.labels(second), before[1])
        ActionChains(self.browser).move_to_element(chart).double_click().perform()
        self.assertEqual((self.labels(chart), self.labels(second)), before)

    def test_a_pointer_reads_a_value(self):
        self.open()
        chart = self.chart()
        told = []
        for right in range(-120, 121, 40):
            ActionChains(self.browser).move_to_element_with_offset(chart, right, 0).perform()
            told.append(self.readout())
        for text in told:
            self.assertRegex(text, r"iB: [0-9.]+ .s .*ranks")
        self.assertRegex("\n".join(told), r"[KM]iB: [0-9.]+ .s \(.* \.\. .*\) . .*ranks", "what was measured has an interval")

    def test_keys_do_what_the_pointer_does(self):
        self.open()
        chart = self.chart()
        before = self.labels(chart)
        chart.send_keys(Keys.ARROW_RIGHT)
        first = self.readout()
        self.assertRegex(first, r"iB: [0-9.]+ .s")
        chart.send_keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.readout(), first)
        chart.send_keys("+")
        self.assertNotEqual(self.labels(chart), before)
        chart.send_keys("0")
        self.assertEqual(self.labels(chart), before)

    def test_a_telephone_and_a_wide_screen_need_no_scrolling_to_the_side(self):
        for width in (390, 1440):
            self.open(width=width)
            self.assertEqual(self.browser.execute_script("return innerWidth"), width)
            self.assertLessEqual(self.browser.execute_script("return document.documentElement.scrollWidth"), width)
            for chart in self.browser.find_elements(By.CSS_SELECTOR, ".chart"):
                self.assertGreater(chart.size["width"], 250)

    def wait_for_page_colour(self, expected):
        """The browser takes over an emulated medium when it next lays out the page, which may be after its reply."""
        page_colour = "return getComputedStyle(document.body).backgroundColor"
        try:
            WebDriverWait(self.browser, 10).until(lambda browser: browser.execute_script(page_colour) == expected)
        except TimeoutException:
            self.fail(f"{self.browser.execute_script(page_colour)} != {expected}")

    def test_dark_and_print_have_their_colours(self):
        self.open(dark=True)
        self.wait_for_page_colour("rgb(20, 23, 27)")
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        self.wait_for_page_colour("rgb(255, 255, 255)")
        self.assertFalse(self.browser.find_element(By.CSS_SELECTOR, ".tools").is_displayed())
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_charts_are_on_paper(self):
        for width in (390, 1440):
            self.open(width=width, dark=True)
            charts = len(self.browser.find_elements(By.CSS_SELECTOR, ".chart"))
            self.assertGreater(charts, 3)
            pdf = base64.b64decode(self.browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
            # Each chart's canvas is a picture; one that was made or resized while printing is empty and is none.
            self.assertGreaterEqual(pdf.count(b"/Subtype /Image"), charts)
            self.assertFalse(self.browser.execute_script("return document.documentElement.classList.contains('printing')"))

    def test_a_hostile_host_name_is_only_a_name(self):
        campaign = FOLDER / "hostile"
        shutil.copytree(FOLDER / "a", campaign)
        self.addCleanup(shutil.rmtree, campaign)
        rename_hosts(campaign, HOSTILE)
        page = campaign / "hostile.html"
        result = run("hockney", "report", campaign, "--title", HOSTILE, "--out", page)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.open(page)
        self.assertEqual(self.browser.title, HOSTILE)
        self.assertEqual(self.browser.find_elements(By.CSS_SELECTOR, "img, section script:not([type])"), [])
        self.assertIn(HOSTILE, self.browser.find_element(By.ID, "topology").text)
        self.assertEqual(self.browser.get_log("browser"), [])


if __name__ == "__main__":
    unittest.main()
