//! A browser without a screen, told what to do through its driver: the few calls of the WebDriver protocol (W3C, 2018) that the tests
//! need.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The key under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The driver's process; it ends with the test.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser with one page.
pub(crate) struct Browser {
    agent: ureq::Agent,
    session: String,
    _driver: Driver,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closes the browser; where that fails, the test says more than this could.
        let _ = self.agent.delete(&self.session).call();
    }
}

/// An element of the page.
#[derive(Clone)]
pub(crate) struct Element(String);

impl Browser {
    /// Start a browser; `None`, with a line that says so, where there is no driver and the tests are not those of CI.
    pub(crate) fn start() -> Option<Self> {
        let spawned = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                let in_ci = std::env::var_os("CI").is_some();
                assert!(!in_ci, "chromedriver does not start ({error}): install the packages chromium and chromium-driver");
                // Past the capture of the test harness: who reads its summary must see that something was not tested.
                let line = "browser tests SKIPPED: there is no chromedriver (Debian: chromium, chromium-driver)\n";
                std::io::stderr().write_all(line.as_bytes()).unwrap();
                return None;
            }
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let driver = Driver(child);
        let started = "started successfully on port ";
        let mut ports = lines.filter_map(|line| Some(line.split_once(started)?.1.trim_end_matches('.').to_owned()));
        let port = ports.next().expect("the driver names its port");
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let options = json!({ "capabilities": { "alwaysMatch": {
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,1100", "--lang=en",
            ] },
        } } });
        let root = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { agent, session: root.clone(), _driver: driver };
        let session = browser.post("", &options);
        browser.session = format!("{root}/{}", session["sessionId"].as_str().expect("a session"));
        Some(browser)
    }

    /// A call of the protocol; what it answers.
    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let request = self.agent.post(&url).header("content-type", "application/json; charset=utf-8");
        let mut response = request.send(body.to_string()).unwrap_or_else(|error| panic!("{url}: {error}"));
        let text = response.body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {error}: {text}"));
        let value = answer["value"].take();
        assert!(response.status().is_success(), "{url} {body}: {}: {}", value["error"], value["message"]);
        value
    }

    /// Open a file.
    pub(crate) fn open(&self, file: &Path) {
        self.post("/url", &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// What the body of a function returns in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Wait until an expression is true in the page.
    pub(crate) fn wait_until(&self, expression: &str) {
        for _ in 0..600 {
            if self.run(&format!("return Boolean({expression})")) == true {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("not within half a minute: {expression}");
    }

    /// The first element that a selector finds.
    pub(crate) fn find(&self, selector: &str) -> Element {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        Element(found[ELEMENT].as_str().expect("an element").to_owned())
    }

    /// Click on an element; on an option to choose it.
    pub(crate) fn click(&self, selector: &str) {
        self.post(&format!("/element/{}/click", self.find(selector).0), &json!({}));
    }

    /// Type into an element after what it holds.
    pub(crate) fn keys(&self, selector: &str, text: &str) {
        self.post(&format!("/element/{}/value", self.find(selector).0), &json!({ "text": text }));
    }

    /// Replace what a field holds by typing.
    pub(crate) fn replace(&self, selector: &str, text: &str) {
        // Control and a, as people do.
        self.keys(selector, &format!("\u{e009}a\u{e000}{text}"));
    }

    /// Show the page on a screen of so many pixels, as a phone does.
    pub(crate) fn emulate(&self, width: u32, height: u32) {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", &parameters);
    }

    /// Move the mouse along points given in pixels from the middle of an element, pressed from the first to the last one where
    /// `pressed`.
    pub(crate) fn mouse(&self, selector: &str, points: &[(i32, i32)], pressed: bool) {
        self.run(&format!("document.querySelector({selector:?}).scrollIntoView({{ block: 'center', behavior: 'instant' }})"));
        let element = self.find(selector).0;
        let mut actions = Vec::new();
        for (place, (x, y)) in points.iter().enumerate() {
            actions.push(json!({ "type": "pointerMove", "duration": 20, "origin": { ELEMENT: element }, "x": x, "y": y }));
            if pressed && place == 0 {
                actions.push(json!({ "type": "pointerDown", "button": 0 }));
            }
        }
        if pressed {
            actions.push(json!({ "type": "pointerUp", "button": 0 }));
        }
        let mouse = json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": actions });
        self.post("/actions", &json!({ "actions": [mouse] }));
    }

    /// A command of the browser's own protocol.
    pub(crate) fn command(&self, name: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }));
    }

    /// What the browser has logged since it was asked last: `browser` for its console, `performance` for its events.
    pub(crate) fn log(&self, kind: &str) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": kind }));
        entries.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}
